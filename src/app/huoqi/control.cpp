// SPDX-License-Identifier: Apache-2.0
#include "app/huoqi/control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/log.h"

namespace huoqi::cli {
namespace {

constexpr const char* kSocketName = "control.sock";
constexpr std::size_t kMaxMessage = 1 << 20;
constexpr int kDescriptors = 3;

class Socket {
  public:
    explicit Socket(int fd) : fd_(fd) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

// A socket's address holds 108 bytes; by way of the folder's descriptor any home fits.
sockaddr_un address_in(int folder) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string path = "/proc/self/fd/" + std::to_string(folder) + "/" + kSocketName;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    return address;
}

int open_folder(const std::filesystem::path& home) {
    return ::open(home.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int connect_to(const std::filesystem::path& home) {
    Socket folder(open_folder(home));
    if (folder.get() < 0) return -1;
    Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto address = address_in(folder.get());
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return -1;
    return socket.release();
}

bool send_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
}

bool receive_all(int fd, ByteSpan bytes) {
    while (!bytes.empty()) {
        auto got = ::recv(fd, bytes.data(), bytes.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

// The length of what follows (4), carried together with the three standard descriptors.
bool send_head(int fd, std::uint32_t size) {
    Bytes head;
    put_be(head, size);
    iovec part{head.data(), head.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kDescriptors)> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * kDescriptors);
    const std::array<int, kDescriptors> descriptors{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    std::memcpy(CMSG_DATA(rights), descriptors.data(), sizeof(descriptors));
    return ::sendmsg(fd, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(head.size());
}

struct Head {
    std::uint32_t size = 0;
    std::array<int, kDescriptors> descriptors{-1, -1, -1};
};

std::optional<Head> receive_head(int fd) {
    std::array<std::uint8_t, 4> bytes{};
    iovec part{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kDescriptors)> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL) != static_cast<ssize_t>(bytes.size()))
        return std::nullopt;
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    if (rights == nullptr || rights->cmsg_len != CMSG_LEN(sizeof(int) * kDescriptors)) return std::nullopt;
    Head head;
    head.size = get_be<std::uint32_t>(bytes.data());
    std::memcpy(head.descriptors.data(), CMSG_DATA(rights), sizeof(head.descriptors));
    return head;
}

bool same_user(int fd) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

}  // namespace

bool is_serving(const std::filesystem::path& home) { return Socket(connect_to(home)).get() >= 0; }

Result<int> forward(const std::filesystem::path& home, const Forwarded& command) {
    Socket socket(connect_to(home));
    if (socket.get() < 0) return fail(Code::unavailable, "control: the serving node does not answer");
    nlohmann::json json{{"words", command.words},
                        {"directory", command.directory.string()},
                        {"passphrase", base64(command.passphrase.view())}};
    std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    bool sent = send_head(socket.get(), static_cast<std::uint32_t>(text.size())) &&
                send_all(socket.get(), bytes_of(text));
    wipe(text.data(), text.size());
    std::array<std::uint8_t, 4> code{};
    if (!sent || !receive_all(socket.get(), code)) {
        return fail(Code::unavailable, "control: the serving node stopped before the command was done");
    }
    return static_cast<int>(get_be<std::uint32_t>(code.data()));
}

Result<std::unique_ptr<ControlDoor>> ControlDoor::open(const std::filesystem::path& home, Run run) {
    Socket folder(open_folder(home));
    Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (folder.get() < 0 || socket.get() < 0)
        return fail(Code::storage, "control: cannot open the node's folder");
    // Left by a process that was killed; the archive's lock says that no other is alive.
    ::unlinkat(folder.get(), kSocketName, 0);
    auto address = address_in(folder.get());
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
        ::chmod(address.sun_path, 0600) != 0 || ::listen(socket.get(), kMaxForwarded) != 0) {
        return fail(Code::storage, std::string("control: ") + std::strerror(errno));
    }
    return std::unique_ptr<ControlDoor>(new ControlDoor(socket.release(), home, std::move(run)));
}

ControlDoor::ControlDoor(int listening, std::filesystem::path home, Run run)
    : listening_(listening), home_(std::move(home)), run_(std::move(run)), thread_([this] { serve(); }) {}

bool ControlDoor::close(std::chrono::milliseconds limit) {
    if (!stopping_.exchange(true)) {
        ::shutdown(listening_, SHUT_RDWR);
        thread_.join();
        std::error_code ignored;
        std::filesystem::remove(home_ / kSocketName, ignored);
    }
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, limit, [&] { return active_ == 0; });
}

ControlDoor::~ControlDoor() {
    while (!close(std::chrono::seconds{1})) {
    }
    ::close(listening_);
}

void ControlDoor::serve() {
    while (!stopping_) {
        int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        std::lock_guard lock(mutex_);
        if (!same_user(connection) || active_ >= kMaxForwarded) {
            ::close(connection);
            continue;
        }
        ++active_;
        std::thread([this, connection] {
            answer(connection);
            std::lock_guard done(mutex_);
            --active_;
            idle_.notify_all();
        }).detach();
    }
}

void ControlDoor::answer(int connection) {
    Socket socket(connection);
    auto head = receive_head(connection);
    if (!head) return;
    Socket in(head->descriptors[0]);
    Socket out(head->descriptors[1]);
    Socket err(head->descriptors[2]);
    if (head->size > kMaxMessage) return;
    Bytes text(head->size);
    if (!receive_all(connection, text)) return;
    auto json = nlohmann::json::parse(text, nullptr, false);
    wipe(text.data(), text.size());
    if (!json.is_object() || !json["words"].is_array() || !json["passphrase"].is_string()) return;
    Forwarded command;
    for (const auto& word : json["words"])
        command.words.push_back(word.is_string() ? word.get<std::string>() : "");
    command.directory = json.value("directory", "/");
    command.passphrase =
        SecretBytes(unbase64(json["passphrase"].get_ref<const std::string&>()).value_or(Bytes{}));
    Shell shell(in.get(), out.get(), err.get(), command.directory);
    int code = run_(std::move(command), shell);
    Bytes answer;
    put_be(answer, static_cast<std::uint32_t>(code));
    if (!send_all(connection, answer)) log::warning("control.caller_gone");
}

}  // namespace huoqi::cli
