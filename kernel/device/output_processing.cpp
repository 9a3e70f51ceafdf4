// SPDX-License-Identifier: MIT
#include "device/output_processing.h"

#include "device/character_class.h"

namespace kernel {

namespace mode = uapi::output_mode;

namespace {

constexpr unsigned kTabStop = 8;

void send(std::uint8_t byte, base::Writer& out)
{
    const auto character = static_cast<char>(byte);
    out.write({&character, 1});
}

} // namespace

void OutputProcessing::set_modes(std::uint32_t output_modes, bool utf8)
{
    modes_ = output_modes;
    utf8_ = utf8;
}

void OutputProcessing::put(base::StringView bytes, base::Writer& out)
{
    for (const char byte : bytes) {
        put(static_cast<std::uint8_t>(byte), out);
    }
}

void OutputProcessing::put(std::uint8_t byte, base::Writer& out)
{
    if (!has(mode::kOpost)) {
        send(byte, out);
        return;
    }
    switch (byte) {
    case '\n': put_newline(out); break;
    case '\r': put_return(out); break;
    case '\t': put_tab(out); break;
    case '\b':
        move_back();
        send(byte, out);
        break;
    default: put_other(byte, out); break;
    }
}

void OutputProcessing::put_newline(base::Writer& out)
{
    if (has(mode::kOnlret)) {
        column_ = 0;
    }
    if (has(mode::kOnlcr)) {
        column_ = 0;
        out.write("\r\n");
    } else {
        send('\n', out);
    }
    typing_column_ = column_;
}

void OutputProcessing::put_return(base::Writer& out)
{
    if (has(mode::kOnocr) && column_ == 0) {
        return;
    }
    if (has(mode::kOcrnl)) {
        if (has(mode::kOnlret)) {
            column_ = 0;
            typing_column_ = 0;
        }
        send('\n', out);
        return;
    }
    column_ = 0;
    typing_column_ = 0;
    send('\r', out);
}

void OutputProcessing::put_tab(base::Writer& out)
{
    const unsigned spaces = kTabStop - column_ % kTabStop;
    column_ += spaces;
    if ((modes_ & mode::kXtabs) == mode::kXtabs) {
        out.write(base::StringView("        ", spaces));
    } else {
        send('\t', out);
    }
}

void OutputProcessing::put_other(std::uint8_t byte, base::Writer& out)
{
    if (!is_control(byte)) {
        byte = has(mode::kOlcuc) ? to_upper(byte) : byte;
        column_ += utf8_ && continues_utf8(byte) ? 0 : 1;
    }
    send(byte, out);
}

void OutputProcessing::put_caret(std::uint8_t byte, base::Writer& out)
{
    constexpr std::uint8_t kCaretBit = 0x40;
    send('^', out);
    send(byte ^ kCaretBit, out);
    column_ += 2;
}

void OutputProcessing::erase_tab(unsigned columns, bool after_tab, base::Writer& out)
{
    const unsigned used = after_tab ? columns : columns + typing_column_;
    for (unsigned left = kTabStop - used % kTabStop; left > 0; --left) {
        send('\b', out);
        move_back();
    }
}

} // namespace kernel
