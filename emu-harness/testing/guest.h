// SPDX-License-Identifier: GPL-2.0-or-later
// A booted kernel for tests: it is put back to where the tests begin in some microseconds, as often as wanted.
// Invariant: after restart() it is what it was after boot(), with an empty log and no rule checked yet.
#pragma once

#include "machine/machine.h"
#include "testing/boot.h"
#include "testing/run_log.h"
#include "watch/rules.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck::testing {

class Guest {
public:
    /// The error is one line: a file that cannot be read or is none, a kernel without a boot header, a feature that no
    /// CPU has, or `until` is no symbol or was not reached, and why.
    static std::expected<std::unique_ptr<Guest>, std::string> boot(const Boot& boot);
    ~Guest();

    /// Fails with one line when the host refuses memory.
    std::expected<void, std::string> restart();

    /// Each runs on and returns how that ended; `instructions` more at most, after which a guest counts as hanging.
    RunEnd run(std::uint64_t instructions);
    RunEnd run_to_end() { return run(kLimit); }
    /// Until `symbol` comes next: a function of the kernel's, "syscall_entry+0x12", "PROGRAM:SYMBOL" or "0x401000".
    /// @return WatchedAddress when it does; anything else, with the reason in the text, when not
    RunEnd run_to(const std::string& symbol);
    /// Until the first instruction in that ring comes next, at once if it does already.
    RunEnd run_to_ring(unsigned cpl);

    /// Its state is part of what restart() puts back, but for what is watched.
    Machine& machine();
    const RunLog& log() const;
    /// The rules as `ringcheck rules` lists them, without those that look at each instruction.
    const RuleReport& rules() const;
    /// Of the kernel, where it is now; of a program, in its file, where a position-independent one has another in
    /// memory.
    std::optional<std::uint64_t> address_of(const std::string& symbol) const;

    /// From here on, what keep() shows.
    void mark();
    /// Writes into `folder`, which is made: `snapshot`, the machine at the last mark(), for `ringcheck run --from`;
    /// `steps.txt`, each instruction from there to the present one, a million at most.  The machine is afterwards where
    /// the steps end.
    /// @return the commands that go on from it, one a line; the error is one line
    std::expected<std::string, std::string> keep(const std::string& folder);

private:
    static constexpr std::uint64_t kLimit = 200'000'000;
    struct Parts;
    explicit Guest(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace ringcheck::testing
