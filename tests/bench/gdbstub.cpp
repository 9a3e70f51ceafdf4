// SPDX-License-Identifier: MIT
#include "bench/gdbstub.h"

#include "bench/process.h"
#include "support/temporary_folder.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A connection by the GDB Remote Serial Protocol.  [GDB manual, "Remote Protocol", "Packets"]
class Stub {
public:
    explicit Stub(const fs::path& path) : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        path.string().copy(address.sun_path, sizeof address.sun_path - 1);
        connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~Stub() { close(socket_); }
    Stub(const Stub&) = delete;
    Stub& operator=(const Stub&) = delete;

    bool connected() const { return connected_; }

    /// Acknowledges the answer before and sends a packet.  @return the answer's text; empty when the other side has
    /// hung up
    std::string ask(std::string_view text)
    {
        unsigned sum = 0;
        for (const char c : text) {
            sum += static_cast<unsigned char>(c);
        }
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::string packet = "+$" + std::string(text) + "#";
        packet += kDigits[sum >> 4 & 15];
        packet += kDigits[sum & 15];
        if (write(socket_, packet.data(), packet.size()) != static_cast<ssize_t>(packet.size())) {
            return {};
        }
        constexpr std::size_t kSumDigits = 2;
        std::string received;
        for (char buffer[4096];;) {
            const ssize_t got = read(socket_, buffer, sizeof buffer);
            if (got <= 0) {
                return {};
            }
            received.append(buffer, static_cast<std::size_t>(got));
            const std::size_t begin = received.find('$'), end = received.find('#');
            if (begin != std::string::npos && end != std::string::npos && received.size() > end + kSumDigits) {
                return received.substr(begin + 1, end - begin - 1);
            }
        }
    }

private:
    int socket_;
    bool connected_ = false;
};

double steps_per_second(Stub& stub, bool with_registers)
{
    constexpr unsigned kSteps = 2000;
    const auto began = std::chrono::steady_clock::now();
    for (unsigned i = 0; i != kSteps; ++i) {
        if (stub.ask("vCont;s").empty() || (with_registers && stub.ask("g").empty())) {
            return 0;
        }
    }
    return kSteps / std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

} // namespace

std::optional<SteppingRate> step_in_qemu(const char* kernel)
{
    const support::TemporaryFolder folder;
    const fs::path path = folder.path("gdb");
    const auto qemu =
        start({"qemu-system-x86_64", "-accel", "tcg", "-display", "none", "-nic", "none", "-S", "-kernel", kernel,
               "-chardev", "socket,id=gdb,server=on,wait=off,path=" + path.string(), "-gdb", "chardev:gdb"});
    std::optional<SteppingRate> rate;
    for (unsigned tries = 0; qemu && tries != 100 && !rate; ++tries) {
        std::this_thread::sleep_for(50ms);
        Stub stub(path);
        if (stub.connected() && !stub.ask("?").empty()) {
            rate = {steps_per_second(stub, false), steps_per_second(stub, true)};
        }
    }
    if (qemu) {
        kill(*qemu, SIGKILL);
        waitpid(*qemu, nullptr, 0);
    }
    return rate && rate->steps_with_registers_per_second > 0 ? rate : std::nullopt;
}

} // namespace bench
