// SPDX-License-Identifier: MIT
// A scenario: a few instructions, the ring and the registers they start with, and what is spoilt around them before.
// It ends at the first event, which is logged as one line; when nothing else happens, at the INT that ends each
// snippet.
#pragma once

#include "arch/rflags.h"
#include "arch/segment.h"
#include "base/format.h"

#include <cstdint>

/// Assembles `text` (AT&T syntax) and names it.  It runs at its own address in ring 0 and at an alias in ring 3, so it
/// must not depend on where it is.
#define SNIPPET(name, text)                                                                                            \
    asm(".pushsection .snippets, \"ax\"\n.balign 16\nsnippet_" #name ":\n" text "\nint $0x40\nsnippet_" #name          \
        "_end:\n.popsection");                                                                                         \
    extern "C" const std::uint8_t snippet_##name[], snippet_##name##_end[];                                            \
    [[maybe_unused]] static constexpr ::conformance::Snippet name                                                      \
    {                                                                                                                  \
        snippet_##name, snippet_##name##_end                                                                           \
    }

namespace conformance {

struct Snippet {
    const std::uint8_t *begin, *end;

    std::uint64_t in_kernel() const { return reinterpret_cast<std::uint64_t>(begin); }
    /// Its alias for ring 3.
    std::uint64_t in_user() const;
    std::uint64_t in(arch::Ring ring) const { return ring == arch::Ring::User ? in_user() : in_kernel(); }
};

/// What a register holds when the scenario does not say: easy to recognise in the log.
inline constexpr std::uint64_t kRax = 0xa, kRbx = 0xb, kRcx = 0xc, kRdx = 0xd, kRsi = 0x51, kRdi = 0xd1, kR8 = 0x8,
                               kR11 = 0x11;

struct Scenario {
    Snippet code;
    arch::Ring ring = arch::Ring::Kernel;
    std::uint64_t rax = kRax, rbx = kRbx, rcx = kRcx, rdx = kRdx, rsi = kRsi, rdi = kRdi, r8 = kR8, r11 = kR11;
    std::uint64_t rsp = 0; ///< 0: the top of the ring's own stack
    std::uint64_t rflags = arch::rflags::kAlwaysOne;
    void (*setup)(std::uint64_t argument) = nullptr; ///< spoils the world, which has just been reset
    std::uint64_t argument = 0;
    /// Flags that an instruction leaves undefined are masked out of the log.
    bool arithmetic_flags_undefined = false;
};

/// A scenario's name, put together from parts: "iretq" "-cs-null" "-r0".
class Name final : public base::Writer {
public:
    template <typename... Parts> Name(const Parts&... parts) { base::print(*this, parts...); }
    void write(base::StringView text) override;
    base::StringView text() const { return {buffer_, size_}; }

private:
    char buffer_[64] = {};
    std::size_t size_ = 0;
};

/// The scenarios, by name and separated by spaces, that run() leaves out: an oracle does not survive them.
void leave_out(base::StringView names);

/// Runs one scenario and logs its line.
void run(const Name& name, const Scenario& scenario);
/// The same twice: "<name>-r0" in ring 0 and "<name>-r3" in ring 3.
void run_in_both_rings(const Name& name, Scenario scenario);
/// How many were run.
unsigned scenario_count();

} // namespace conformance
