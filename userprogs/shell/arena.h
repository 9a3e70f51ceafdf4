// SPDX-License-Identifier: MIT
// Where the tree of one complete command lives: all of it goes at once, when nobody refers to it any more.  A function
// refers to the arena of the command that has defined it.
#pragma once

#include "posix/memory.h"
#include "posix/view.h"

#include <stdlib.h>

namespace shell {

class Arena {
public:
    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// A T of zero bytes and default members, which is never destroyed.
    template <typename T> T* make() { return new (allocate(sizeof(T))) T{}; }

    /// A copy of `text`, as long as the arena lives.
    posix::View copy(posix::View text)
    {
        auto* const bytes = static_cast<char*>(allocate(text.size() + 1));
        memcpy(bytes, text.data(), text.size());
        bytes[text.size()] = '\0';
        return {bytes, text.size()};
    }

    void refer() { ++references_; }
    /// Destroys the arena with its last reference.
    static void release(Arena* arena)
    {
        if (--arena->references_ == 0) {
            arena->~Arena();
            free(arena);
        }
    }
    /// An arena with one reference.
    static Arena* create()
    {
        void* const place = malloc(sizeof(Arena));
        if (place == nullptr) {
            posix::out_of_memory();
        }
        return new (place) Arena;
    }

private:
    struct Block {
        Block* next;
        size_t size;
        alignas(16) char bytes[];
    };
    static constexpr size_t kBlockSize = 4000;

    ~Arena()
    {
        while (blocks_ != nullptr) {
            Block* const next = blocks_->next;
            free(blocks_);
            blocks_ = next;
        }
    }

    void* allocate(size_t size)
    {
        size = (size + 15) & ~size_t{15};
        if (blocks_ == nullptr || blocks_->size - used_ < size) {
            const size_t block_size = posix::larger(size, kBlockSize);
            auto* const block = static_cast<Block*>(malloc(sizeof(Block) + block_size));
            if (block == nullptr) {
                posix::out_of_memory();
            }
            block->next = blocks_;
            block->size = block_size;
            blocks_ = block;
            used_ = 0;
        }
        void* const place = blocks_->bytes + used_;
        used_ += size;
        return place;
    }

    Block* blocks_ = nullptr;
    size_t used_ = 0;
    unsigned references_ = 1;
};

/// One reference to an arena.
class ArenaReference {
public:
    explicit ArenaReference(Arena* arena) : arena_{arena} { arena_->refer(); }
    ArenaReference(ArenaReference&& other) noexcept : arena_{other.arena_} { other.arena_ = nullptr; }
    ArenaReference& operator=(ArenaReference&& other) noexcept
    {
        Arena* const before = arena_;
        arena_ = other.arena_;
        other.arena_ = before;
        return *this;
    }
    ArenaReference(const ArenaReference&) = delete;
    ArenaReference& operator=(const ArenaReference&) = delete;
    ~ArenaReference()
    {
        if (arena_ != nullptr) {
            Arena::release(arena_);
        }
    }
    Arena* get() const { return arena_; }

private:
    Arena* arena_;
};

} // namespace shell
