// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/code_hook.h"

#include <array>
#include <cstring>

namespace ringcheck {

std::expected<CodeHook, std::string> CodeHook::add(uc_engine* engine, Callback callback, void* self)
{
    // Addresses that nothing else in the record can be.
    constexpr std::array<std::uint64_t, 2> kPlanted = {0x5eed'0000'1234'5678, 0x5eed'0000'2345'6789};
    uc_hook handle = 0;
    const uc_err result =
        uc_hook_add(engine, &handle, UC_HOOK_CODE, reinterpret_cast<void*>(callback), self, kPlanted[0], kPlanted[1]);
    if (result != UC_ERR_OK) {
        return std::unexpected(std::string("Unicorn refuses a hook: ") + uc_strerror(result));
    }
    // The handle is the record's address.  It begins with counters and the range, then callback and user data.
    constexpr std::size_t kWordsToSearch = 5;
    auto* const record = reinterpret_cast<std::uint64_t*>(handle);
    for (std::size_t word = 0; word < kWordsToSearch; ++word) {
        if (std::memcmp(record + word, kPlanted.data(), sizeof kPlanted) == 0) {
            CodeHook hook(engine, record + word);
            hook.announce_all();
            return hook;
        }
    }
    return std::unexpected("Unicorn keeps its hooks otherwise than ringcheck knows: build with Unicorn 2.1.4");
}

void CodeHook::announce(std::uint64_t first, std::uint64_t last)
{
    range_[0] = first;
    range_[1] = last;
}

std::expected<CodeHook::Translation, uc_err> CodeHook::translate_bare(std::uint64_t rip, std::uint32_t size,
                                                                      std::uint64_t announced)
{
    // A page fault while translating outside a run would leave the engine by a long jump to nowhere.
    for (const std::uint64_t address : {rip, rip + size - 1}) {
        std::uint64_t physical = 0;
        if (const uc_err result = uc_vmem_translate(engine_, address, UC_PROT_EXEC, &physical); result != UC_ERR_OK) {
            return std::unexpected(result);
        }
    }
    forget(rip);
    announce(announced, announced);
    uc_tb block{};
    const uc_err result = uc_ctl_request_cache(engine_, rip, &block);
    announce_all();
    if (result != UC_ERR_OK) {
        return std::unexpected(result);
    }
    return Translation{block.size, block.icount};
}

void CodeHook::forget(std::uint64_t rip)
{
    uc_ctl_remove_cache(engine_, rip, rip + 1);
}

} // namespace ringcheck
