// SPDX-License-Identifier: MIT
#include "unit/fake_cpu.h"

#include "base/assert.h"
#include "mm/tlb.h"

namespace kernel {

void invalidate_page(arch::VirtAddr page)
{
    fake::cpu.invalidate(page);
}

void invalidate_user_pages()
{
    fake::cpu.reload();
}

bool is_current_root(arch::PhysAddr root)
{
    return fake::cpu.root == root;
}

} // namespace kernel

namespace fake {

using arch::PhysAddr;
using arch::VirtAddr;
using kernel::Access;
using kernel::FaultResult;

Cpu cpu;

void Cpu::run(kernel::UserMemory& memory, kernel::FrameAllocator& frames)
{
    stop();
    memory_ = &memory;
    frames_ = &frames;
    root = memory.root();
}

void Cpu::stop()
{
    memory_ = nullptr;
    root = PhysAddr{};
    held_.clear();
}

std::uint8_t* Cpu::through(const Held& held, VirtAddr address, Access access) const
{
    const bool allowed = (!access.write || held.write) && (!access.fetch || held.execute);
    return allowed ? frames_->window().at<std::uint8_t>(held.frame + address.page_offset()) : nullptr;
}

std::expected<std::uint8_t*, FaultResult> Cpu::touch(VirtAddr address, Access access)
{
    constexpr unsigned kMostFaults = 3; // not present, then not writable, then nothing is left to ask for
    access.user = true;
    const VirtAddr page = address.page_floor();
    for (unsigned faults = 0; faults <= kMostFaults; ++faults) {
        if (const auto found = held_.find(page); found != held_.end()) {
            if (std::uint8_t* const byte = through(found->second, address, access)) {
                return byte;
            }
            held_.erase(found); // a page fault drops the translation  [SDM 3A "Invalidation of TLBs ..."]
        }
        if (arch::is_canonical(address.value)) {
            if (const auto walked = memory_->space().walk(address, access)) {
                held_[page] = {walked->address.page_floor(), walked->leaf.has(arch::PageEntry::kWritable),
                               !walked->leaf.has(arch::PageEntry::kNoExecute)};
                return frames_->window().at<std::uint8_t>(walked->address);
            }
        }
        const FaultResult result = memory_->handle_fault(address, access);
        if (result != FaultResult::Handled) {
            return std::unexpected(result);
        }
    }
    base::assertion_failed("a fault that was served comes again and again", __FILE_NAME__, __LINE__);
}

bool Cpu::nothing_is_stale() const
{
    for (const auto& [page, held] : held_) {
        const auto now = memory_->space().walk(page, {.write = held.write, .user = true, .fetch = held.execute});
        if (!now || now->address != held.frame) {
            return false;
        }
    }
    return true;
}

/// What the CPU still translates to belongs to somebody until it has been invalidated.
void Cpu::expect_frames_alive() const
{
    for (const auto& [page, held] : held_) {
        ASSERT(frames_->window().covers(held.frame, arch::kPageSize) && frames_->holders(held.frame) >= 1);
    }
}

void Cpu::invalidate(VirtAddr page)
{
    expect_frames_alive();
    invalidated.push_back(page);
    held_.erase(page.page_floor());
}

void Cpu::reload()
{
    expect_frames_alive();
    ++reloads;
    held_.clear();
}

} // namespace fake
