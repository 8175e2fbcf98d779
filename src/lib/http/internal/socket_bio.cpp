// SPDX-License-Identifier: Apache-2.0
#include "lib/http/internal/socket_bio.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "base/check.h"

namespace huoqi::http::internal {
namespace {

int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }
bool again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
    BIO_clear_retry_flags(bio);
    const ssize_t n = ::send(socket_of(bio), data, size, MSG_NOSIGNAL);
    *written = n > 0 ? static_cast<std::size_t>(n) : 0;
    if (n >= 0) return 1;
    if (again()) BIO_set_retry_write(bio);
    return 0;
}

int bio_read(BIO* bio, char* data, std::size_t size, std::size_t* read) {
    BIO_clear_retry_flags(bio);
    const ssize_t n = ::recv(socket_of(bio), data, size, 0);
    *read = n > 0 ? static_cast<std::size_t>(n) : 0;
    if (n > 0) return 1;
    if (n == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    } else if (again()) {
        BIO_set_retry_read(bio);
    }
    return 0;
}

long bio_control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "huoqi socket");
    HUOQI_CHECK(method != nullptr);
    BIO_meth_set_write_ex(method, bio_write);
    BIO_meth_set_read_ex(method, bio_read);
    BIO_meth_set_ctrl(method, bio_control);
    return method;
}

}  // namespace

BIO* make_socket_bio(int socket) {
    static BIO_METHOD* const method = make_method();  // immutable, for the life of the process
    BIO* bio = BIO_new(method);
    HUOQI_CHECK(bio != nullptr);
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace huoqi::http::internal
