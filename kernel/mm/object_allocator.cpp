// SPDX-License-Identifier: MIT
#include "mm/object_allocator.h"

#include "base/assert.h"

namespace kernel {

using arch::kPageSize;
using arch::PhysAddr;
using base::Result;

constinit ObjectAllocator objects;

/// The first bytes of a frame of objects.
struct ObjectAllocator::Slab {
    Slab* next;
    Slab* previous;
    void* free; ///< the first object that was given back, each of which begins with the next one's address
    PhysAddr frame;
    std::uint16_t used;
    std::uint16_t begun;    ///< objects that were handed out once; those behind them have never been touched
    std::uint16_t capacity; ///< objects in all
    std::uint16_t size_class;
};

namespace {

constexpr std::size_t kHeader = 64;

void*& next_free(void* object)
{
    return *static_cast<void**>(object);
}

} // namespace

unsigned ObjectAllocator::class_of(std::size_t size)
{
    unsigned number = 0;
    while (number < kClasses && kSizes[number] < size) {
        ++number;
    }
    return number;
}

void ObjectAllocator::insert(unsigned number, Slab& slab)
{
    slab.previous = nullptr;
    slab.next = lists_[number];
    if (slab.next != nullptr) {
        slab.next->previous = &slab;
    }
    lists_[number] = &slab;
}

void ObjectAllocator::remove(unsigned number, Slab& slab)
{
    (slab.previous != nullptr ? slab.previous->next : lists_[number]) = slab.next;
    if (slab.next != nullptr) {
        slab.next->previous = slab.previous;
    }
}

Result<ObjectAllocator::Slab*> ObjectAllocator::make_slab(unsigned number)
{
    static_assert(sizeof(Slab) <= kHeader);
    const PhysAddr frame = TRY(frames_->allocate());
    auto* const slab = frames_->window().at<Slab>(frame);
    // Only the header is written: whoever goes back and forth over the border of a frame makes one each time.
    *slab = {.next = nullptr,
             .previous = nullptr,
             .free = nullptr,
             .frame = frame,
             .used = 0,
             .begun = 0,
             .capacity = static_cast<std::uint16_t>((kPageSize - kHeader) / kSizes[number]),
             .size_class = static_cast<std::uint16_t>(number)};
    insert(number, *slab);
    return slab;
}

Result<void*> ObjectAllocator::allocate(std::size_t size)
{
    ASSERT(size != 0 && size <= kLargest);
    const unsigned number = class_of(size);
    if (number == kClasses) {
        const PhysAddr frame = TRY(frames_->allocate());
        return frames_->window().at<void>(frame);
    }
    Slab* slab = lists_[number];
    if (slab == nullptr) {
        slab = TRY(make_slab(number));
    }
    void* object = slab->free;
    if (object != nullptr) {
        slab->free = next_free(object);
    } else {
        object = reinterpret_cast<std::uint8_t*>(slab) + kHeader + slab->begun++ * kSizes[number];
    }
    if (++slab->used == slab->capacity) {
        remove(number, *slab);
    }
    return object;
}

void ObjectAllocator::free(void* object, std::size_t size)
{
    const unsigned number = class_of(size);
    const auto address = reinterpret_cast<std::uint64_t>(object);
    if (number == kClasses) {
        const auto first = reinterpret_cast<std::uint64_t>(frames_->window().at<void>(frames_->window().begin()));
        frames_->free(frames_->window().begin() + (address - first));
        return;
    }
    auto& slab = *reinterpret_cast<Slab*>(address & ~(kPageSize - 1));
    ASSERT(slab.size_class == number && slab.used > 0 && (address - kHeader) % kPageSize % kSizes[number] == 0);
    if (slab.used == slab.capacity) {
        insert(number, slab);
    }
    next_free(object) = slab.free;
    slab.free = object;
    if (--slab.used == 0) {
        remove(number, slab);
        frames_->free(slab.frame);
    }
}

} // namespace kernel
