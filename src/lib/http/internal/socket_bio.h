// SPDX-License-Identifier: Apache-2.0
// OpenSSL's view of a socket. Its own raises SIGPIPE when the peer has gone, which would end the process.
#pragma once

#include <openssl/bio.h>

namespace huoqi::http::internal {

// Does not own the socket.
BIO* make_socket_bio(int socket);

}  // namespace huoqi::http::internal
