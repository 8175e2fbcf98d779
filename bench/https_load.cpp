// SPDX-License-Identifier: Apache-2.0
// https_load: posts JSON bodies over kept-alive TLS connections, each connection one request at a time, and
// tells how many were answered and how long each waited. One thread and epoll, so that the load takes as
// little as it can of the cores it shares with the server. Bodies are the lines of a file, taken in turn,
// again from the start when they are all sent. Prints one JSON line; with --answers every body that came with
// 200 goes to a file, one a line. Exit codes: 0 all answered 200, 1 not, 2 wrong usage.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

[[noreturn]] void give_up(const char* what) { throw std::runtime_error(what); }

using Time = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kWaitMilliseconds = 1000;
// After so long without any answer the server is taken for dead.
constexpr int kMaxIdleWaits = 30;
constexpr int kMaxPort = 65535;
// Stands among the statuses for a request whose connection ended before its answer.
constexpr int kNoAnswer = 0;
// So many and the run is of no use.
constexpr std::uint64_t kMaxErrors = 10'000;

struct Options {
    std::string host = "127.0.0.1";
    int port = 0;
    std::string authority;
    std::string key_file;
    std::string path;
    std::string bodies;
    std::string answers;
    int connections = 64;
    double seconds = 10;
    double warm_up = 1;
    std::uint64_t requests = 0;
};

// What all connections share.
struct Load {
    std::vector<std::string> requests;  // whole messages, head and body
    std::size_t next = 0;
    std::uint64_t left = 0;  // to send; with a time limit, more than can be sent
    Time::time_point counted_from;
    Time::time_point until;
    std::vector<std::uint32_t> waits;  // microseconds, one for each answer since counted_from
    std::map<int, std::uint64_t> statuses;
    std::uint64_t errors = 0;
    std::uint64_t all = 0;  // answers, those of the warm-up too
    Time::time_point last_answer;
    std::FILE* answers = nullptr;

    const std::string* take(Time::time_point now) {
        if (left == 0 || now >= until) return nullptr;
        --left;
        const auto& request = requests[next];
        next = (next + 1) % requests.size();
        return &request;
    }
    void answered(int status, std::string_view body, Time::time_point sent, Time::time_point now) {
        if (answers != nullptr && status == 200) {
            std::fwrite(body.data(), 1, body.size(), answers);
            std::fputc('\n', answers);
        }
        ++all;
        if (status != 200 && ++errors > kMaxErrors) give_up("too many requests failed");
        if (sent < counted_from) return;
        last_answer = now;
        ++statuses[status];
        waits.push_back(static_cast<std::uint32_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(now - sent).count()));
    }
};

struct CloseTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
};
struct CloseContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, CloseContext>;

class Connection {
  public:
    Connection(SSL_CTX* context, const Options& options, int poller)
        : context_(context), options_(options), poller_(poller) {
        connect();
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        if (socket_ >= 0) ::close(socket_);
    }

    // Sends and receives until it would block. False when there is nothing more to send.
    bool drive(Load& load) {
        for (;;) {
            if (request_ == nullptr && !begin(load)) return false;
            auto ended = written_ ? std::nullopt : write();
            if (!ended) ended = read();
            if (ended == Ended::connection) {
                load.answered(kNoAnswer, {}, sent_, Time::now());
                start_anew();
            } else if (ended) {
                return true;
            } else if (auto size = answer_size()) {
                finish(load, *size);
            }
        }
    }

  private:
    enum class Ended { for_now, connection };

    // Connects and shakes hands before it returns; the socket does not block from then on.
    void connect() {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
        if (::inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr) != 1)
            give_up("the host is no IPv4 address");
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            give_up("no connection");
        int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        tls_.reset(SSL_new(context_));
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), options_.host.c_str());
        SSL_set_fd(tls_.get(), socket_);
        if (SSL_connect(tls_.get()) != 1) give_up("no TLS, or a certificate of another authority");
        BIO_socket_nbio(socket_, 1);
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.ptr = this;
        ::epoll_ctl(poller_, EPOLL_CTL_ADD, socket_, &event);
    }
    void start_anew() {
        ::close(socket_);
        in_.clear();
        request_ = nullptr;
        connect();
    }

    bool begin(Load& load) {
        sent_ = Time::now();
        request_ = load.take(sent_);
        written_ = false;
        return request_ != nullptr;
    }

    // Small requests go out in one record; a full socket buffer is tried again later with the same bytes.
    std::optional<Ended> write() {
        int done = SSL_write(tls_.get(), request_->data(), static_cast<int>(request_->size()));
        written_ = done > 0;
        if (written_) return std::nullopt;
        return why(done);
    }
    std::optional<Ended> read() {
        int got = SSL_read(tls_.get(), chunk_.data(), static_cast<int>(chunk_.size()));
        if (got <= 0) return why(got);
        in_.append(chunk_.data(), static_cast<std::size_t>(got));
        return std::nullopt;
    }
    Ended why(int result) const {
        int error = SSL_get_error(tls_.get(), result);
        bool waits = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
        ERR_clear_error();
        return waits ? Ended::for_now : Ended::connection;
    }

    struct Size {
        std::size_t head;
        std::size_t body;
        bool last;  // the server closes the connection after it
    };
    // Of the answer at the front of in_, when all of it is there. The server frames these answers by
    // content-length.
    std::optional<Size> answer_size() const {
        auto end = in_.find("\r\n\r\n");
        if (end == in_.npos) return std::nullopt;
        std::string head = in_.substr(0, end + 2);
        std::ranges::transform(head, head.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        constexpr std::string_view kLength = "\r\ncontent-length: ";
        auto at = head.find(kLength);
        if (at == head.npos) give_up("an answer without content-length");
        Size size{end + 4, 0, head.find("\r\nconnection: close\r\n") != head.npos};
        const char* digits = head.data() + at + kLength.size();
        auto read = std::from_chars(digits, head.data() + head.size(), size.body);
        if (read.ec != std::errc{}) give_up("a content-length that is no number");
        if (in_.size() < size.head + size.body) return std::nullopt;
        return size;
    }
    void finish(Load& load, Size size) {
        constexpr std::string_view kVersion = "HTTP/1.1 ";
        int status = kNoAnswer;
        std::from_chars(in_.data() + kVersion.size(), in_.data() + kVersion.size() + 3, status);
        load.answered(status, std::string_view(in_).substr(size.head, size.body), sent_, Time::now());
        if (size.last) return start_anew();
        in_.erase(0, size.head + size.body);
        request_ = nullptr;
    }

    SSL_CTX* context_;
    const Options& options_;
    int poller_;
    int socket_ = -1;
    std::unique_ptr<SSL, CloseTls> tls_;
    const std::string* request_ = nullptr;
    bool written_ = false;
    Time::time_point sent_;
    std::string in_;
    std::array<char, kReadBytes> chunk_;
};

std::vector<std::string> read_requests(const Options& options) {
    std::string key;
    if (!std::getline(std::ifstream(options.key_file) >> std::ws, key)) give_up("no key in the key file");
    std::string head = "POST " + options.path + " HTTP/1.1\r\nHost: " + options.host +
                       "\r\nAuthorization: Bearer " + key +
                       "\r\nContent-Type: application/json\r\nContent-Length: ";
    std::vector<std::string> out;
    std::ifstream bodies(options.bodies);
    for (std::string body; std::getline(bodies, body);)
        out.push_back(head + std::to_string(body.size()) + "\r\n\r\n" + body);
    if (out.empty()) give_up("no bodies to send");
    return out;
}

Context make_context(const Options& options) {
    Context context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (SSL_CTX_load_verify_file(context.get(), options.authority.c_str()) != 1)
        give_up("no authority in the CA file");
    return context;
}

Time::duration whole(double seconds) {
    return std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(seconds));
}

void start_clock(Load& load, const Options& options) {
    load.left = options.requests == 0 ? UINT64_MAX : options.requests;
    load.counted_from = Time::now() + (options.requests == 0 ? whole(options.warm_up) : Time::duration{});
    load.until = options.requests == 0 ? load.counted_from + whole(options.seconds) : Time::time_point::max();
    load.last_answer = load.counted_from;
}

// Sends until the count or the time is used up and every request has its answer.
void run(Load& load, const Options& options) {
    auto context = make_context(options);
    int poller = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<std::unique_ptr<Connection>> connections;
    for (int i = 0; i < options.connections; ++i) {
        connections.push_back(std::make_unique<Connection>(context.get(), options, poller));
    }
    start_clock(load, options);
    std::set<Connection*> done;
    std::array<epoll_event, 64> events;
    for (int idle = 0; done.size() < connections.size();) {
        int ready = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), kWaitMilliseconds);
        idle = ready > 0 ? 0 : idle + 1;
        if (idle == kMaxIdleWaits) give_up("no answer any more");
        for (int i = 0; i < ready; ++i) {
            auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (!connection->drive(load)) done.insert(connection);
        }
    }
    ::close(poller);
}

double milliseconds_at(const std::vector<std::uint32_t>& sorted, double share) {
    auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return static_cast<double>(sorted[std::min(index, sorted.size() - 1)]) / 1000;
}

// True when everything was answered with 200.
bool tell(Load& load) {
    if (load.waits.empty()) give_up("nothing was answered");
    std::ranges::sort(load.waits);
    double seconds = std::chrono::duration<double>(load.last_answer - load.counted_from).count();
    auto count = load.waits.size();
    auto errors = count - load.statuses[200];
    std::printf(
        "{\"answers\":%zu,\"all\":%zu,\"errors\":%zu,\"seconds\":%.3f,\"rate\":%.0f,\"p50_ms\":%.2f,\"p99_"
        "ms\":%.2f,"
        "\"max_ms\":%.2f,\"statuses\":{",
        count, static_cast<std::size_t>(load.all), static_cast<std::size_t>(errors), seconds,
        static_cast<double>(count) / seconds, milliseconds_at(load.waits, 0.5),
        milliseconds_at(load.waits, 0.99), milliseconds_at(load.waits, 1));
    const char* between = "";
    for (auto [status, times] : load.statuses) {
        if (times == 0) continue;
        std::printf("%s\"%d\":%zu", between, status, static_cast<std::size_t>(times));
        between = ",";
    }
    std::puts("}}");
    return errors == 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Posts JSON over kept-alive TLS connections and measures the answers.");
    app.add_option("--host", options.host, "IPv4 address")->capture_default_str();
    app.add_option("--port", options.port)->required()->check(CLI::Range(1, kMaxPort));
    app.add_option("--ca", options.authority, "certificate of the authority, PEM")->required();
    app.add_option("--key-file", options.key_file, "file with the bearer key")->required();
    app.add_option("--path", options.path)->required();
    app.add_option("--bodies", options.bodies, "JSON bodies, one a line")->required();
    app.add_option("--connections", options.connections)->capture_default_str()->check(CLI::Range(1, 1000));
    app.add_option("--seconds", options.seconds)->capture_default_str();
    app.add_option("--warm-up", options.warm_up, "seconds before the counted ones")->capture_default_str();
    app.add_option("--requests", options.requests, "so many requests, without warm-up, instead of a time");
    app.add_option("--answers", options.answers, "file for the bodies of answers");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    std::signal(SIGPIPE, SIG_IGN);  // a closed connection is an answer like others
    try {
        Load load;
        load.requests = read_requests(options);
        if (!options.answers.empty()) load.answers = std::fopen(options.answers.c_str(), "w");
        run(load, options);
        if (load.answers != nullptr && std::fclose(load.answers) != 0)
            give_up("the answers could not be written");
        return tell(load) ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "https_load: %s\n", error.what());
        return 1;
    }
}
