// SPDX-License-Identifier: MIT
#include "fs/name_table.h"

#include "fs/file_space.h"
#include "mm/object_allocator.h"

namespace kernel {

using base::Result;
using base::StringView;

constinit NameTable name_table;

namespace {

constexpr std::uint64_t kBucketsInFrame = arch::kPageSize / sizeof(Entry*);
/// So many entries share a bucket, in the mean, when there are as many names as may be.
constexpr std::uint64_t kLongestChain = 8;

std::size_t size_of(const Entry& entry)
{
    return sizeof(Entry) + entry.length;
}

/// Both halves of the product count.
std::uint64_t mix(std::uint64_t a, std::uint64_t b)
{
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

} // namespace

Result<void> NameTable::initialise(std::uint64_t secret)
{
    std::uint64_t frames = 1;
    while (frames * kBucketsInFrame * kLongestChain < file_space.name_limit()) {
        frames *= 2;
    }
    const arch::PhysAddr place = TRY(file_space.frames().allocate_contiguous(frames));
    buckets_ = file_space.frames().window().at<Entry*>(place);
    __builtin_memset(static_cast<void*>(buckets_), 0, frames * arch::kPageSize);
    mask_ = static_cast<std::uint32_t>(frames * kBucketsInFrame - 1);
    secret_ = secret | 1;
    return {};
}

std::uint32_t NameTable::hash_of(const TmpDirectory& directory, StringView name) const
{
    constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t hash = reinterpret_cast<std::uint64_t>(&directory) ^ name.size();
    const char* at = name.data();
    std::size_t left = name.size();
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        __builtin_memcpy(&word, at, sizeof word);
        hash = mix(hash ^ word, secret_) + kOdd;
    }
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < left; ++i) {
        word = word << 8 | static_cast<std::uint8_t>(at[i]);
    }
    return static_cast<std::uint32_t>(mix(mix(hash ^ word, secret_) + kOdd, secret_));
}

Entry* NameTable::find(const TmpDirectory& directory, StringView name) const
{
    const std::uint32_t hash = hash_of(directory, name);
    for (Entry* entry = bucket(hash); entry != nullptr; entry = entry->next_in_bucket) {
        if (entry->hash == hash && entry->directory == &directory && entry->name() == name) {
            return entry;
        }
    }
    return nullptr;
}

const Entry* NameTable::name_of(const Inode& inode) const
{
    for (std::uint64_t i = 0; inode.links != 0 && i <= mask_; ++i) {
        for (const Entry* entry = buckets_[i]; entry != nullptr; entry = entry->next_in_bucket) {
            if (entry->inode == &inode) {
                return entry;
            }
        }
    }
    return nullptr;
}

Result<Entry*> NameTable::make(StringView name)
{
    ASSERT(!name.empty() && name.size() <= kLongestName);
    TRY(file_space.take_name());
    const Result<void*> memory = objects.allocate(sizeof(Entry) + name.size());
    if (!memory) {
        file_space.give_name();
        return base::fail(memory.error());
    }
    auto* const entry = static_cast<Entry*>(*memory);
    *entry = {};
    entry->length = static_cast<std::uint8_t>(name.size());
    __builtin_memcpy(entry->characters(), name.data(), name.size());
    return entry;
}

void NameTable::free(Entry& entry)
{
    objects.free(&entry, size_of(entry));
    file_space.give_name();
}

void NameTable::insert(Entry& entry)
{
    entry.hash = hash_of(*entry.directory, entry.name());
    entry.next_in_bucket = bucket(entry.hash);
    bucket(entry.hash) = &entry;
}

void NameTable::remove(Entry& entry)
{
    Entry** link = &bucket(entry.hash);
    while (*link != &entry) {
        link = &(*link)->next_in_bucket;
    }
    *link = entry.next_in_bucket;
}

} // namespace kernel
