// SPDX-License-Identifier: MIT
// Puts one question to the model, now and then twice, and looks at what it wrote.
#pragma once

#include "fuzz/model_steps.h"
#include "fuzz/require.h"
#include "model/physical_memory.h"

#include <cstddef>
#include <cstring>
#include <vector>

namespace fuzz {

/// By memcmp: an instrumented loop over all of RAM would be most of the target's time.
inline bool same_bytes(const std::vector<std::byte>& one, const std::vector<std::byte>& other)
{
    return std::memcmp(one.data(), other.data(), one.size()) == 0;
}

/// Ends the target when more than `most_bytes` differ in another way than by bits that the CPU sets on its own:
/// accessed and dirty in an entry's lowest byte, accessed in a descriptor's sixth.
inline void check_written(const std::vector<std::byte>& before, const std::vector<std::byte>& after,
                          std::size_t most_bytes)
{
    constexpr auto kSetByCpu = std::byte{0x61};
    constexpr std::size_t kBlock = 256;
    std::size_t written = 0;
    for (std::size_t block = 0; block != before.size(); block += kBlock) {
        if (std::memcmp(&before[block], &after[block], kBlock) == 0) {
            continue;
        }
        for (std::size_t i = block; i != block + kBlock; ++i) {
            const std::byte changed = before[i] ^ after[i];
            written += (changed & ~kSetByCpu) != std::byte{} || (changed & after[i]) != changed ? 1 : 0;
        }
    }
    require(written <= most_bytes, "no more is written than the transition writes");
}

/// The answer to `question(memory)`, with its effects in the subject's guest.
/// For a subject that is looked at closely: the same question has the same answer and the same effects, a journal
/// undoes them, and no more is written than `most_bytes` when the question succeeds, else nothing.
template <typename Question> auto ask(Subject& subject, std::size_t most_bytes, Question question)
{
    ringcheck::model::ModelGuest& guest = subject.guest;
    if (!subject.closely) {
        return question(guest.memory());
    }
    static std::vector<std::byte> before, after;
    before = guest.ram();
    ringcheck::model::WriteJournal journal;
    const auto first = question(guest.memory().journaled(journal));
    after = guest.ram();
    journal.undo();
    require(same_bytes(guest.ram(), before), "a journal puts back what was written");
    const auto second = question(guest.memory());
    require(first == second && same_bytes(guest.ram(), after), "the same question has the same answer");
    check_written(before, after, first ? most_bytes : 0);
    return first;
}

} // namespace fuzz
