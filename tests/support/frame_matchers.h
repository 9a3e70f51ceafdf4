// SPDX-License-Identifier: MIT
// Compares trap frames as a whole; a failure names only the fields that differ.
#pragma once

#include "layout/trap_frame.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <ios>

namespace support {

inline testing::AssertionResult same_frame(const layout::TrapFrame& actual, const layout::TrapFrame& expected)
{
    struct Field {
        const char* name;
        std::uint64_t layout::TrapFrame::* member;
    };
    using Frame = layout::TrapFrame;
    static constexpr Field kFields[] = {
        {"r15", &Frame::r15},
        {"r14", &Frame::r14},
        {"r13", &Frame::r13},
        {"r12", &Frame::r12},
        {"r11", &Frame::r11},
        {"r10", &Frame::r10},
        {"r9", &Frame::r9},
        {"r8", &Frame::r8},
        {"rbp", &Frame::rbp},
        {"rdi", &Frame::rdi},
        {"rsi", &Frame::rsi},
        {"rdx", &Frame::rdx},
        {"rcx", &Frame::rcx},
        {"rbx", &Frame::rbx},
        {"rax", &Frame::rax},
        {"vector", &Frame::vector},
        {"error_code", &Frame::error_code},
        {"rip", &Frame::rip},
        {"cs", &Frame::cs},
        {"rflags", &Frame::rflags},
        {"rsp", &Frame::rsp},
        {"ss", &Frame::ss},
    };
    static_assert(sizeof kFields / sizeof kFields[0] == sizeof(Frame) / sizeof(std::uint64_t));

    testing::AssertionResult result = testing::AssertionSuccess();
    for (const Field& field : kFields) {
        if (actual.*field.member != expected.*field.member) {
            if (result) {
                result = testing::AssertionFailure();
            }
            result << field.name << ": expected 0x" << std::hex << expected.*field.member << ", got 0x"
                   << actual.*field.member << "\n";
        }
    }
    return result;
}

} // namespace support
