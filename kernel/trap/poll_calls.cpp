// SPDX-License-Identifier: MIT
#include "trap/poll_calls.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "process/clock.h"
#include "process/loom.h"
#include "process/vessel.h"
#include "trap/path_argument.h"
#include "trap/poll_set.h"
#include "trap/temporary_mask.h"
#include "uapi/poll.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;
namespace event = uapi::poll_event;

namespace {

constexpr VirtAddr kNull{};

/// Until when a call waits.
struct Patience {
    std::uint64_t deadline = Loom::kNever;

    bool ends() const { return deadline != Loom::kNever; }
    std::uint64_t ticks_left() const { return deadline > loom.now() ? deadline - loom.now() : 0; }
};

Patience patience_of(std::uint64_t ticks)
{
    return {ticks == 0 ? loom.now() : deadline_after(loom.now(), ticks)};
}

/// A struct timespec, or null for ever.  EFAULT, EINVAL.
Result<Patience> read_time_spec(VirtAddr place)
{
    if (place == kNull) {
        return Patience{};
    }
    const auto span = TRY(read_user<uapi::TimeSpec>(place));
    return patience_of(TRY(ticks_of(span)));
}

/// What is left goes where the time came from, if that is possible; the call's result stands, unless the call would be
/// made again with all of its time.  [select(2) "Timeouts"; Linux fs/select.c poll_select_finish()]
template <typename Time>
Result<std::uint64_t> store_rest(const Result<std::uint64_t>& result, VirtAddr place, const Patience& patience,
                                 Time (*of_ticks)(std::uint64_t))
{
    if (place == kNull || !patience.ends() || write_user(place, of_ticks(patience.ticks_left()))) {
        return result;
    }
    const bool again = !result && result.error() == Error::ErestartNoHandler;
    return again ? fail(Error::Eintr) : result;
}

Result<void> read_poll_files(VirtAddr files, PollSet& set, bool& ready_already)
{
    std::uint64_t offset = 0;
    for (PollSet::Entry& entry : set.entries()) {
        const auto wanted = TRY(read_user<uapi::PollFile>(files + offset));
        offset += sizeof(uapi::PollFile);
        if (wanted.descriptor < 0) {
            continue;
        }
        const Result<HeldFile> file = find_usable(static_cast<std::uint32_t>(wanted.descriptor));
        if (file) {
            PollSet::ask(entry, **file, wanted.events);
        } else {
            entry.ready = event::kInvalid;
            ready_already = true;
        }
    }
    return {};
}

Result<std::uint64_t> poll_until(VirtAddr files, std::uint64_t argument, const Patience& patience)
{
    const auto count = static_cast<std::uint32_t>(argument);
    if (count > caller().files.limit()) {
        return fail(Error::Einval);
    }
    PollSet set;
    TRY(set.reserve(count));
    bool ready_already = false;
    TRY(read_poll_files(files, set, ready_already));
    static_cast<void>(TRY(set.wait(patience.deadline, ready_already)));
    std::uint64_t found = 0, offset = offsetof(uapi::PollFile, returned);
    for (const PollSet::Entry& entry : set.entries()) {
        TRY(write_user(files + offset, static_cast<std::uint16_t>(entry.ready)));
        offset += sizeof(uapi::PollFile);
        found += entry.ready != 0 ? 1 : 0;
    }
    return found;
}

/// One set of descriptors, copied once.
struct DescriptorSet {
    static constexpr std::uint32_t kWords = DescriptorTable::kMaximum / uapi::kSetWordBits;

    std::uint64_t words[kWords] = {};

    bool has(std::uint32_t descriptor) const
    {
        return (words[descriptor / uapi::kSetWordBits] >> descriptor % uapi::kSetWordBits & 1) != 0;
    }
    void add(std::uint32_t descriptor)
    {
        words[descriptor / uapi::kSetWordBits] |= std::uint64_t{1} << descriptor % uapi::kSetWordBits;
    }
};

/// What a set asks for, and what makes it true.  [select(2) "Correspondence between select() and poll() notifications"]
struct SetMeaning {
    VirtAddr SelectSets::* place;
    std::uint32_t asked, satisfied;
};
constexpr SetMeaning kMeanings[] = {
    {&SelectSets::read, event::kIn, event::kIn | event::kHangUp | event::kError},
    {&SelectSets::write, event::kOut, event::kOut | event::kError},
    {&SelectSets::exceptional, event::kPriority, event::kPriority},
};
constexpr unsigned kSets = sizeof kMeanings / sizeof kMeanings[0];

struct Selection {
    DescriptorSet sets[kSets];
    std::uint32_t count = 0; ///< descriptors below it are looked at
    std::uint64_t bytes = 0; ///< of each set

    std::uint32_t asked(std::uint32_t descriptor) const
    {
        std::uint32_t events = 0;
        for (unsigned i = 0; i < kSets; ++i) {
            events |= sets[i].has(descriptor) ? kMeanings[i].asked : 0;
        }
        return events;
    }
};

/// Linux looks at no more descriptors than there can be, whatever the count is.
Result<Selection> read_sets(std::uint64_t argument, const SelectSets& places)
{
    const auto count = static_cast<std::int32_t>(argument);
    if (count < 0) {
        return fail(Error::Einval);
    }
    Selection selection;
    selection.count = base::min(static_cast<std::uint32_t>(count), std::uint32_t{DescriptorTable::kMaximum});
    selection.bytes = (selection.count + uapi::kSetWordBits - 1) / uapi::kSetWordBits * sizeof(std::uint64_t);
    for (unsigned i = 0; i < kSets; ++i) {
        const VirtAddr place = places.*kMeanings[i].place;
        auto* const bytes = reinterpret_cast<std::uint8_t*>(selection.sets[i].words);
        if (place != kNull && copy_from_user({bytes, selection.bytes}, place) < selection.bytes) {
            return fail(Error::Efault);
        }
    }
    return selection;
}

/// The descriptors that are in a set, in their order.  EBADF, ENOMEM.
Result<void> open_selection(const Selection& selection, PollSet& set)
{
    std::uint32_t wanted = 0;
    for (std::uint32_t i = 0; i < selection.count; ++i) {
        wanted += selection.asked(i) != 0 ? 1 : 0;
    }
    TRY(set.reserve(wanted));
    PollSet::Entry* entry = set.entries().begin();
    for (std::uint32_t i = 0; i < selection.count; ++i) {
        if (const std::uint32_t events = selection.asked(i)) {
            const HeldFile file = TRY(find_usable(i));
            PollSet::ask(*entry++, *file, events);
        }
    }
    return {};
}

Result<std::uint64_t> select_until(std::uint64_t count, const SelectSets& places, const Patience& patience)
{
    const Selection selection = TRY(read_sets(count, places));
    PollSet set;
    TRY(open_selection(selection, set));
    static_cast<void>(TRY(set.wait(patience.deadline, false)));
    Selection result;
    std::uint64_t bits = 0;
    const PollSet::Entry* entry = set.entries().begin();
    for (std::uint32_t descriptor = 0; descriptor < selection.count; ++descriptor) {
        if (selection.asked(descriptor) == 0) {
            continue;
        }
        for (unsigned i = 0; i < kSets; ++i) {
            if (selection.sets[i].has(descriptor) && (entry->ready & kMeanings[i].satisfied) != 0) {
                result.sets[i].add(descriptor);
                ++bits;
            }
        }
        ++entry;
    }
    for (unsigned i = 0; i < kSets; ++i) {
        const VirtAddr place = places.*kMeanings[i].place;
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(result.sets[i].words);
        if (place != kNull && copy_to_user(place, {bytes, selection.bytes}) < selection.bytes) {
            return fail(Error::Efault);
        }
    }
    return bits;
}

/// EINVAL, EFAULT; microseconds of a second or more count on, as on Linux.
Result<Patience> read_time_value(VirtAddr place)
{
    constexpr std::int64_t kMicroseconds = 1'000'000, kNanoseconds = 1'000;
    if (place == kNull) {
        return Patience{};
    }
    const auto value = TRY(read_user<uapi::TimeValue>(place));
    const std::int64_t seconds = value.microseconds / kMicroseconds, rest = value.microseconds % kMicroseconds;
    uapi::TimeSpec span{value.seconds, rest * kNanoseconds};
    if (value.seconds < 0 || value.microseconds < 0 || __builtin_add_overflow(value.seconds, seconds, &span.seconds)) {
        return fail(Error::Einval);
    }
    return patience_of(TRY(ticks_of(span)));
}

} // namespace

Result<std::uint64_t> poll(VirtAddr files, std::uint64_t count, std::uint64_t timeout)
{
    const auto milliseconds = static_cast<std::int32_t>(timeout);
    const Patience patience = milliseconds < 0 ? Patience{} : patience_of(static_cast<std::uint32_t>(milliseconds));
    return poll_on(files, count, patience.deadline);
}

Result<std::uint64_t> poll_on(VirtAddr files, std::uint64_t count, std::uint64_t deadline)
{
    const Result<std::uint64_t> result = poll_until(files, count, {deadline});
    if (result || result.error() != Error::ErestartNoHandler) {
        return result;
    }
    loom.current().interrupted_call = {.kind = InterruptedCall::Kind::Poll,
                                       .count = static_cast<std::uint32_t>(count),
                                       .deadline = deadline,
                                       .place = files.value};
    return fail(Error::ErestartBlock);
}

Result<std::uint64_t> select(std::uint64_t count, const SelectSets& sets, VirtAddr timeout)
{
    const Patience patience = TRY(read_time_value(timeout));
    const Result<std::uint64_t> result = select_until(count, sets, patience);
    return store_rest(result, timeout, patience, &time_value_of_ticks);
}

Result<std::uint64_t> ppoll(VirtAddr files, std::uint64_t count, VirtAddr timeout, VirtAddr mask,
                            std::uint64_t mask_size)
{
    const Patience patience = TRY(read_time_spec(timeout));
    const Result<std::uint64_t> result =
        with_signal_mask(mask, mask_size, [&] { return poll_until(files, count, patience); });
    return store_rest(result, timeout, patience, &time_spec_of_ticks);
}

Result<std::uint64_t> pselect6(std::uint64_t count, const SelectSets& sets, VirtAddr timeout, VirtAddr mask)
{
    uapi::SignalMaskArgument argument{};
    if (mask != kNull) {
        argument = TRY(read_user<uapi::SignalMaskArgument>(mask));
    }
    const Patience patience = TRY(read_time_spec(timeout));
    const Result<std::uint64_t> result =
        with_signal_mask(VirtAddr{argument.mask}, argument.size, [&] { return select_until(count, sets, patience); });
    return store_rest(result, timeout, patience, &time_spec_of_ticks);
}

} // namespace kernel
