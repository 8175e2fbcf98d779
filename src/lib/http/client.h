// SPDX-License-Identifier: Apache-2.0
// A small blocking client over one kept-alive connection: for tests, load generators and commands that talk
// to a running node. It trusts exactly the authority it is given. For one thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lib/http/http.h"

namespace huoqi::http {

struct ClientOptions {
    std::string address;  // "127.0.0.1:8443", "[::1]:8443" or "unix:/run/huoqi.sock"; no name is looked up
    std::string authority_pem;                      // empty: plain HTTP
    std::string server_name;                        // that the certificate must carry; empty: the address
    std::chrono::milliseconds timeout{10'000};      // of connecting and of every read and write
    std::size_t max_body_bytes = 64 * 1024 * 1024;  // of an answer
    int max_tls_version = 0;                        // 0, or 0x0301 … 0x0304 for tests
};

struct ClientResponse {
    int status = 0;
    Headers headers;
    std::string body;
};

using ClientHeaders = std::vector<std::pair<std::string_view, std::string_view>>;

class Client {
  public:
    // unavailable: nobody there; refused: TLS handshake or certificate; bad_input: address or authority.
    static Result<Client> connect(const ClientOptions& options);
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    Result<ClientResponse> get(std::string_view target, const ClientHeaders& headers = {});
    Result<ClientResponse> post(std::string_view target, std::string_view body,
                                const ClientHeaders& headers = {});
    Result<ClientResponse> send(std::string_view method, std::string_view target, std::string_view body,
                                const ClientHeaders& headers = {});
    // Sends a body in chunks as `source` gives them.
    Result<ClientResponse> upload(std::string_view target, BodySource source,
                                  const ClientHeaders& headers = {});

    // The parts of the above, for pipelining and for requests that are wrong on purpose.
    Status write(std::string_view bytes);
    Result<ClientResponse> read_response(bool head_request = false);
    // True when the server ends the connection in order (TLS close_notify or FIN) before it sends anything
    // more.
    bool closed_cleanly();

  private:
    struct Connection;
    explicit Client(std::unique_ptr<Connection> connection);
    std::unique_ptr<Connection> connection_;
};

}  // namespace huoqi::http
