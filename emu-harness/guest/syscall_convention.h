// SPDX-License-Identifier: GPL-2.0-or-later
// How ring 3 asks a guest's kernel for something: the instruction, the registers, the calls, the results that are
// errors. What is not described is as on Linux x86-64.  [psABI AMD64 "Linux Conventions: Calling Conventions"]
#pragma once

#include "model/cpu_state.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck {

/// What an argument of a system call means, so that it can be printed.
enum class ArgumentKind : std::uint8_t {
    Integer, ///< int: the low 32 bits, signed
    Size,    ///< 64 bits, unsigned
    Address, ///< a user pointer that is printed as it is
    BytesIn, ///< a user pointer to bytes that the kernel reads; the next argument is their count
    Pid,     ///< int: the number of a process or a thread
    Text,    ///< a user pointer to a string that a NUL ends
};

/// What the result of a system call means when it is no error.
enum class ResultKind : std::uint8_t {
    Number,
    Pid,     ///< the number of a process or a thread
    Address, ///< a user pointer
};

struct SyscallDescription {
    std::uint64_t number = 0;
    std::string name;
    std::vector<ArgumentKind> arguments;
    bool returns = true;     ///< false: the caller never comes back
    bool restores = false;   ///< the caller goes on with all registers as its memory has them, as sigreturn does
    bool sets_bases = false; ///< it gives the caller another FS or GS base
    ResultKind result = ResultKind::Number;
    bool operator==(const SyscallDescription&) const = default;
};

/// Names of numbers.
class NumberedNames {
public:
    /// @return false when the number has a name already
    bool add(std::uint64_t number, std::string name) { return names_.try_emplace(number, std::move(name)).second; }
    /// "" for a number without a name.
    std::string find(std::uint64_t number) const
    {
        const auto found = names_.find(number);
        return found == names_.end() ? "" : found->second;
    }
    const std::map<std::uint64_t, std::string>& all() const { return names_; }

private:
    std::map<std::uint64_t, std::string> names_;
};

struct SyscallConvention {
    std::optional<std::uint8_t> vector; ///< of the INT instruction that makes a call; empty: SYSCALL does
    model::Gpr number = model::Gpr::Rax, result = model::Gpr::Rax;
    std::vector<model::Gpr> arguments{model::Gpr::Rdi, model::Gpr::Rsi, model::Gpr::Rdx,
                                      model::Gpr::R10, model::Gpr::R8,  model::Gpr::R9};
    /// What a call may change beside the result.
    std::vector<model::Gpr> changes{model::Gpr::Rcx, model::Gpr::R11};
    /// Results from first_error to last_error, as signed numbers, are errors: the error's number, negated.
    std::int64_t first_error = -4095, last_error = -1;
    std::vector<SyscallDescription> calls;

    const SyscallDescription* find(std::uint64_t number) const;
    const SyscallDescription* find(const std::string& name) const;
    bool is_error(std::uint64_t result_word) const
    {
        const auto value = static_cast<std::int64_t>(result_word);
        return value >= first_error && value <= last_error;
    }
    /// A call may leave another value in `reg`.
    bool may_change(model::Gpr reg) const;
};

} // namespace ringcheck
