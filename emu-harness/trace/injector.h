// SPDX-License-Identifier: GPL-2.0-or-later
// Does what an injected trace says, line by line, and says what came of it in the trace's own words where it is the
// same.
#pragma once

#include "trace/compare.h"
#include "trace/linux_structures.h"
#include "trace/placed_memory.h"
#include "trace/stub.h"
#include "trace/trace.h"

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

class Injector {
public:
    /// @param trace  outlives the injector
    /// @param stub   has taken over the process
    Injector(const Trace& trace, Stub& stub, GuestMemory& memory, const Symbols& symbols, const Recorder& recorder);

    /// Makes the calls until the process ends.
    void run();
    /// What happened.
    const Trace& actual() const { return actual_; }
    /// Why the trace could not be followed to its end, beside a difference of the two.
    const std::optional<Difference>& problem() const { return problem_; }

private:
    using Word = std::expected<std::uint64_t, std::string>;

    bool take(const Event& event);
    bool place(const Event& event, const MemoryEvent& memory);
    bool call(const Event& event, const SyscallEvent& call);
    void look_at_memory(const Event& event);
    bool hold(const Event& event, const HoldsEvent& holds);
    void tell_changes();
    void append_rest();
    bool fail(const Event& event, std::string summary, std::string actual);

    std::expected<std::vector<std::byte>, std::string> contents_of(const MemoryEvent& memory);
    std::expected<std::vector<std::byte>, std::string> bytes_of(const Structure& structure);
    std::expected<std::vector<std::uint64_t>, std::string> arguments_of(const SyscallEvent& call);
    std::expected<std::uint64_t, std::string> number_of(const SyscallEvent& call) const;
    std::expected<void, std::string> place_scratch();
    Word put(std::span<const std::byte> bytes);

    Word word(const Integer& integer) const;
    Word word(const RawAddress& address) const;
    Word word(const NamedAddress& named) const;
    Word word(const Captured& captured) const;
    Word word(const Flags& flags) const;
    Word word(const Anything&) const;
    Word word(const Buffer& buffer);
    Word word(const Structure& structure);

    /// `expected` when it stands for `word`; else what `decoded` gives.
    template <typename Value, typename Decode>
    Value in_words_of(const Value& expected, std::uint64_t word, Decode decoded);
    SyscallResult result_of(const SyscallEvent& expected, std::uint64_t value);
    StructureField field_of(const StructureField& expected, const FieldLayout& layout,
                            std::span<const std::byte> bytes);

    const Trace& trace_;
    Stub& stub_;
    const Symbols& symbols_;
    const Recorder& recorder_;
    PlacedMemory memory_;
    Trace actual_;
    std::optional<Difference> problem_;
    std::map<std::string, std::uint64_t> captured_;
    std::vector<std::string> changed_; ///< memory of which a line has still to say what it holds
    std::vector<std::byte> scratch_;   ///< what arguments point to that stand in the calls themselves
};

} // namespace ringcheck
