// SPDX-License-Identifier: MIT
// Terminals: modes, control characters and requests as Linux x86-64 has them.
// [termios(3), ioctl_tty(2); Linux uapi asm-generic/{termbits,termios,ioctls}.h]
#pragma once

#include <cstdint>

namespace uapi {

/// c_iflag: what happens to a byte that arrives.
namespace input_mode {
inline constexpr std::uint32_t kIstrip = 0000040, kInlcr = 0000100, kIgncr = 0000200, kIcrnl = 0000400,
                               kIuclc = 0001000, kIxon = 0002000, kIxany = 0004000, kIutf8 = 0040000;
} // namespace input_mode

/// c_oflag: what happens to a byte that a program writes, and to the echo.
namespace output_mode {
inline constexpr std::uint32_t kOpost = 0000001, kOlcuc = 0000002, kOnlcr = 0000004, kOcrnl = 0000010, kOnocr = 0000020,
                               kOnlret = 0000040, kXtabs = 0014000;
} // namespace output_mode

/// c_cflag: the line itself.
namespace control_mode {
inline constexpr std::uint32_t kB38400 = 0000017, kCs8 = 0000060, kCread = 0000200, kHupcl = 0002000;
} // namespace control_mode

/// c_lflag: lines or bytes, echo, signals.
namespace local_mode {
inline constexpr std::uint32_t kIsig = 0000001, kIcanon = 0000002, kEcho = 0000010, kEchoe = 0000020, kEchok = 0000040,
                               kEchonl = 0000100, kNoflsh = 0000200, kTostop = 0000400, kEchoctl = 0001000,
                               kEchoprt = 0002000, kEchoke = 0004000, kIexten = 0100000;
} // namespace local_mode

/// Places in c_cc.  A control character 0 is one that does not exist.
namespace control_character {
inline constexpr unsigned kIntr = 0, kQuit = 1, kErase = 2, kKill = 3, kEof = 4, kTime = 5, kMin = 6, kStart = 8,
                          kStop = 9, kSusp = 10, kEol = 11, kReprint = 12, kWerase = 14, kLnext = 15, kEol2 = 16;
inline constexpr unsigned kCount = 19;
} // namespace control_character

/// struct termios of the kernel, which is not that of a C library.
struct Termios {
    std::uint32_t input;                                ///< c_iflag
    std::uint32_t output;                               ///< c_oflag
    std::uint32_t control;                              ///< c_cflag
    std::uint32_t local;                                ///< c_lflag
    std::uint8_t line;                                  ///< c_line: the line discipline, 0
    std::uint8_t characters[control_character::kCount]; ///< c_cc
};
static_assert(sizeof(Termios) == 36);

/// struct termios2: with speeds in bits a second.
struct Termios2 {
    Termios modes;
    std::uint32_t input_speed;
    std::uint32_t output_speed;
};
static_assert(sizeof(Termios2) == 44);

/// What a terminal begins with, and what `stty sane` makes of it.  [Linux drivers/tty/tty_io.c tty_std_termios]
inline constexpr Termios kSaneTermios = {
    .input = input_mode::kIcrnl | input_mode::kIxon,
    .output = output_mode::kOpost | output_mode::kOnlcr,
    .control = control_mode::kB38400 | control_mode::kCs8 | control_mode::kCread | control_mode::kHupcl,
    .local = local_mode::kIsig | local_mode::kIcanon | local_mode::kEcho | local_mode::kEchoe | local_mode::kEchok |
             local_mode::kEchoctl | local_mode::kEchoke | local_mode::kIexten,
    .line = 0,
    .characters = {0x03, 0x1c, 0x7f, 0x15, 0x04, 0, 1, 0, 0x11, 0x13, 0x1a, 0, 0x12, 0x0f, 0x17, 0x16, 0, 0, 0}};
inline constexpr std::uint32_t kSaneSpeed = 38400;

/// struct winsize
struct WindowSize {
    std::uint16_t rows;
    std::uint16_t columns;
    std::uint16_t width;  ///< pixels, or 0
    std::uint16_t height; ///< pixels, or 0
    bool operator==(const WindowSize&) const = default;
};
static_assert(sizeof(WindowSize) == 8);

/// Requests to ioctl(2).
enum class IoRequest : std::uint32_t {
    Tcgets = 0x5401,
    Tcsets = 0x5402,
    Tcsetsw = 0x5403,
    Tcsetsf = 0x5404,
    Tcsbrk = 0x5409,
    Tcxonc = 0x540a,
    Tcflsh = 0x540b,
    Tiocsctty = 0x540e,
    Tiocgpgrp = 0x540f,
    Tiocspgrp = 0x5410,
    Tiocoutq = 0x5411,
    Tiocgwinsz = 0x5413,
    Tiocswinsz = 0x5414,
    Fionread = 0x541b, ///< TIOCINQ too
    Fionbio = 0x5421,
    Tiocnotty = 0x5422,
    Tcsbrkp = 0x5425,
    Tiocgsid = 0x5429,
    Fionclex = 0x5450,
    Fioclex = 0x5451,
    Tcgets2 = 0x802c542a,
    Tcsets2 = 0x402c542b,
    Tcsetsw2 = 0x402c542c,
    Tcsetsf2 = 0x402c542d,
};

/// Arguments of TCFLSH.
enum class FlushQueue : std::uint32_t { Input, Output, Both };
/// Arguments of TCXONC.
enum class FlowAction : std::uint32_t { OutputOff, OutputOn, InputOff, InputOn };

} // namespace uapi
