// SPDX-License-Identifier: GPL-2.0-or-later
// Which instructions the engine announces: decided when it translates a block, for as long as that translation lives.
// Invariant: between two calls every instruction that gets translated will be announced.  Only a block that this class
// translates itself is exempt, but for one instruction at most.
#pragma once

#include <unicorn/unicorn.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

namespace ringcheck {

/// The engine asks for each instruction whether it lies in the range of the one UC_HOOK_CODE.  The range is fixed by
/// the public interface; here it is moved in the hook's own record, whose place is found by what it must contain.
class CodeHook {
public:
    using Callback = void (*)(uc_engine*, std::uint64_t rip, std::uint32_t size, void* self);

    /// Fails with one line when the record is not as this code knows it.
    static std::expected<CodeHook, std::string> add(uc_engine* engine, Callback callback, void* self);

    /// What a block of code became.
    struct Translation {
        std::uint32_t size;         ///< in bytes
        std::uint32_t instructions; ///< how many the engine sees in it
    };
    static constexpr std::uint64_t kNone = std::uint64_t{1} << 63; ///< no instruction stands there: not canonical

    /// Translates the block at `rip`, where the CPU stands, so that only its instruction at `announced` is announced.
    /// The error is the engine's word: the page is gone, most likely.  CR2 and the pending exception may change.
    std::expected<Translation, uc_err> translate_bare(std::uint64_t rip, std::uint32_t size, std::uint64_t announced);
    /// The block at `rip` is translated anew when it runs next.  CR2 and the pending exception may change.
    void forget(std::uint64_t rip);

private:
    CodeHook(uc_engine* engine, std::uint64_t* range) : engine_(engine), range_(range) {}
    void announce(std::uint64_t first, std::uint64_t last);
    void announce_all() { announce(1, 0); } // begin above end: all addresses

    uc_engine* engine_;
    std::uint64_t* range_; ///< begin and end, in the hook's record
};

} // namespace ringcheck
