// SPDX-License-Identifier: MIT
// Whole CPU states compared, with only the differing registers printed, by name.
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"

#include <gtest/gtest.h>

#include <expected>
#include <iomanip>
#include <optional>
#include <sstream>
#include <string>

namespace ringcheck::model {

inline std::string hex(std::uint64_t value)
{
    std::ostringstream text;
    text << "0x" << std::hex << value;
    return text.str();
}

class StateDifference {
public:
    void compare(const std::string& name, std::uint64_t actual, std::uint64_t expected)
    {
        if (actual != expected) {
            text_ += name + ": expected " + hex(expected) + ", got " + hex(actual) + "\n";
        }
    }
    void compare(const std::string& name, const SegmentRegister& actual, const SegmentRegister& expected)
    {
        compare(name, actual.selector, expected.selector);
        compare(name + ".base", actual.base, expected.base);
        compare(name + ".limit", actual.limit, expected.limit);
        compare(name + ".attributes", actual.attributes, expected.attributes);
    }
    void compare(const std::string& name, const TableRegister& actual, const TableRegister& expected)
    {
        compare(name + ".base", actual.base, expected.base);
        compare(name + ".limit", actual.limit, expected.limit);
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// True when every register is equal; else the message has a line for each that is not.
inline testing::AssertionResult same_state(const CpuState& actual, const CpuState& expected)
{
    if (actual == expected) {
        return testing::AssertionSuccess();
    }
    StateDifference difference;
    constexpr const char* kGprNames[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                         "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    for (unsigned i = 0; i != actual.gpr.size(); ++i) {
        difference.compare(kGprNames[i], actual.gpr[i], expected.gpr[i]);
    }
#define COMPARE(field) difference.compare(#field, actual.field, expected.field)
    COMPARE(rip), COMPARE(rflags), COMPARE(cpl);
    COMPARE(es), COMPARE(cs), COMPARE(ss), COMPARE(ds), COMPARE(fs), COMPARE(gs), COMPARE(ldtr), COMPARE(tr);
    COMPARE(gdtr), COMPARE(idtr);
    COMPARE(cr0), COMPARE(cr2), COMPARE(cr3), COMPARE(cr4), COMPARE(cr8);
    COMPARE(efer), COMPARE(star), COMPARE(lstar), COMPARE(cstar), COMPARE(fmask), COMPARE(kernel_gs_base);
    COMPARE(sysenter_cs), COMPARE(sysenter_esp), COMPARE(sysenter_eip), COMPARE(pat), COMPARE(misc_enable);
    COMPARE(bios_sign_id), COMPARE(tsc_aux), COMPARE(xcr0), COMPARE(pkru);
    COMPARE(dr0), COMPARE(dr1), COMPARE(dr2), COMPARE(dr3), COMPARE(dr6), COMPARE(dr7);
    COMPARE(pending_debug), COMPARE(interrupt_shadow), COMPARE(mov_ss_shadow), COMPARE(nmi_blocked);
#undef COMPARE
    if (difference.text().empty()) {
        return testing::AssertionFailure() << "the states differ in a field that same_state does not name";
    }
    return testing::AssertionFailure() << difference.text();
}

inline std::string to_string(const Fault& fault)
{
    std::string text = "vector " + std::to_string(fault.vector);
    text += fault.error_code ? " error " + hex(*fault.error_code) : std::string{" no error code"};
    text += fault.cr2 ? " cr2 " + hex(*fault.cr2) : std::string{};
    text += fault.dr6 ? " dr6 " + hex(*fault.dr6) : std::string{};
    return text + " by " + describe(fault.reason).id;
}

inline std::ostream& operator<<(std::ostream& out, const Fault& fault)
{
    return out << to_string(fault);
}

inline std::ostream& operator<<(std::ostream& out, Reason reason)
{
    return out << describe(reason).id;
}

/// The fault of a refused transition; one by Reason::None when it was not refused.
template <typename Value> Fault fault_of(const std::expected<Value, Fault>& result)
{
    return result ? Fault{} : result.error();
}

/// #UD and the like: no error code.
inline Fault exception(unsigned vector, Reason reason)
{
    return {static_cast<std::uint8_t>(vector), std::nullopt, std::nullopt, reason};
}

inline Fault exception(unsigned vector, Reason reason, std::uint32_t error_code)
{
    return {static_cast<std::uint8_t>(vector), error_code, std::nullopt, reason};
}

inline Fault page_fault_at(std::uint64_t cr2, Reason reason, std::uint32_t error_code)
{
    return {14, error_code, cr2, reason};
}

} // namespace ringcheck::model
