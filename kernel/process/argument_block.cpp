// SPDX-License-Identifier: MIT
#include "process/argument_block.h"

#include "base/assert.h"
#include "base/min_max.h"

namespace kernel {

using arch::kPageSize;

ArgumentBlock::~ArgumentBlock()
{
    for (std::uint64_t i = 0; i < frames_used_; ++i) {
        frames_->free(index_[i]);
    }
    if (index_ != nullptr) {
        frames_->free(index_frame_);
    }
}

base::Result<base::Span<std::uint8_t>> ArgumentBlock::room()
{
    if (size_ == kMaximumBytes) {
        return base::fail(uapi::Error::E2big);
    }
    if (index_ == nullptr) {
        index_frame_ = TRY(frames_->allocate());
        index_ = frames_->window().at<arch::PhysAddr>(index_frame_);
    }
    const std::uint64_t frame = size_ / kPageSize;
    if (frame == frames_used_) {
        index_[frame] = TRY(frames_->allocate());
        ++frames_used_;
    }
    const std::uint64_t offset = size_ % kPageSize;
    auto* const bytes = frames_->window().at<std::uint8_t>(index_[frame]);
    return base::Span<std::uint8_t>{bytes + offset, kPageSize - offset};
}

base::Result<void> ArgumentBlock::append(base::StringView text)
{
    while (!text.empty()) {
        const base::Span<std::uint8_t> bytes = TRY(room());
        const std::uint64_t count = base::min<std::uint64_t>(text.size(), bytes.size());
        __builtin_memcpy(bytes.data(), text.data(), count);
        commit(count);
        text = text.drop(count);
    }
    const base::Span<std::uint8_t> end = TRY(room());
    end[0] = 0;
    commit(1);
    return {};
}

base::Bytes ArgumentBlock::piece(std::uint64_t at) const
{
    ASSERT(at < size_);
    const std::uint64_t offset = at % kPageSize;
    const auto* const bytes = frames_->window().at<const std::uint8_t>(index_[at / kPageSize]);
    return {bytes + offset, base::min(kPageSize - offset, size_ - at)};
}

} // namespace kernel
