// SPDX-License-Identifier: GPL-2.0-or-later
// Guest RAM as the model sees it: bytes from physical address 0 on, owned by somebody else.
#pragma once

#include "arch/address.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace ringcheck::model {

/// Remembers what writes replace, so that a question can be put to the model without its effects.
class WriteJournal {
public:
    void save(std::byte* host, std::size_t bytes) { saved_.push_back({host, {host, host + bytes}}); }
    /// Puts back every byte that was written since the last time, newest write first.
    void undo()
    {
        for (; !saved_.empty(); saved_.pop_back()) {
            std::memcpy(saved_.back().host, saved_.back().bytes.data(), saved_.back().bytes.size());
        }
    }

private:
    struct Saved {
        std::byte* host;
        std::vector<std::byte> bytes;
    };
    std::vector<Saved> saved_;
};

class PhysicalMemory {
public:
    /// @param journal  told of each write before it happens; nullptr: nobody is
    explicit PhysicalMemory(std::span<std::byte> ram, WriteJournal* journal = nullptr) : ram_(ram), journal_(journal) {}

    /// The same RAM, whose writes `journal` can undo.
    PhysicalMemory journaled(WriteJournal& journal) const { return PhysicalMemory{ram_, &journal}; }

    std::uint64_t size_bytes() const { return ram_.size(); }
    bool contains(arch::PhysAddr address, std::uint64_t bytes) const
    {
        return address.value <= ram_.size() && bytes <= ram_.size() - address.value;
    }
    /// The host address of `bytes` guest bytes, or nullptr when they are not all RAM.
    std::byte* at(arch::PhysAddr address, std::uint64_t bytes) const
    {
        return contains(address, bytes) ? ram_.data() + address.value : nullptr;
    }
    std::optional<std::uint64_t> read_u64(arch::PhysAddr address) const
    {
        const std::byte* const host = at(address, sizeof(std::uint64_t));
        if (host == nullptr) {
            return std::nullopt;
        }
        std::uint64_t value = 0;
        std::memcpy(&value, host, sizeof value);
        return value;
    }
    /// False when the address is not RAM; nothing is written then.
    bool write_u64(arch::PhysAddr address, std::uint64_t value) const
    {
        std::byte* const host = at(address, sizeof value);
        if (host == nullptr) {
            return false;
        }
        store(host, &value, sizeof value);
        return true;
    }
    /// Writes to a place that at() gave.
    void store(std::byte* host, const void* source, std::size_t bytes) const
    {
        if (journal_ != nullptr) {
            journal_->save(host, bytes);
        }
        std::memcpy(host, source, bytes);
    }

private:
    std::span<std::byte> ram_;
    WriteJournal* journal_;
};

} // namespace ringcheck::model
