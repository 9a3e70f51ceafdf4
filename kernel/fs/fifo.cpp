// SPDX-License-Identifier: MIT
#include "fs/fifo.h"

#include "fs/file_space.h"
#include "fs/make_inode.h"
#include "fs/pipe_file.h"
#include "mm/object_allocator.h"
#include "process/loom.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

Fifo::Fifo(std::uint32_t mode, std::uint64_t inode_number)
    : Inode({.kind = FileKind::Fifo,
             .permissions = mode,
             .number = inode_number,
             .device = device_id::kTmpfs,
             .stream = true})
{
}

Result<InodeRef> Fifo::create(std::uint32_t mode)
{
    return make_inode<Fifo>(mode, file_space.next_number());
}

Result<void> Fifo::opened(OpenFile& file)
{
    if (pipe_ == nullptr) {
        pipe_ = TRY(Pipe::create());
    }
    pipe_->open(file);
    opened_to_read_ += file.readable ? 1 : 0;
    opened_to_write_ += file.writable ? 1 : 0;
    loom.wake_all(pipe_->openers);
    const Result<void> other = wait_for_other_end(file);
    if (!other) {
        closed(file);
    }
    return other;
}

Result<void> Fifo::wait_for_other_end(const OpenFile& file)
{
    const bool waits_for_reader = !file.readable;
    if (file.readable && (file.writable || !file.blocks())) {
        return {};
    }
    const std::uint64_t& opened_by_others = waits_for_reader ? opened_to_read_ : opened_to_write_;
    const std::uint64_t before = opened_by_others;
    bool interrupted = false;
    while ((waits_for_reader ? pipe_->readers() : pipe_->writers()) == 0 && opened_by_others == before) {
        if (!file.blocks()) {
            return fail(Error::Enxio);
        }
        if (interrupted) {
            return fail(Error::Erestart);
        }
        interrupted = ends_call(loom.block(pipe_->openers));
    }
    return {};
}

void Fifo::closed(OpenFile& file)
{
    pipe_->close(file);
    if (pipe_->unused()) {
        Pipe::destroy(*pipe_);
        pipe_ = nullptr;
    }
}

Result<std::uint64_t> Fifo::read(OpenFile& file, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    return pipe_->read(buffer, count, file.blocks());
}

Result<std::uint64_t> Fifo::write(OpenFile& file, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    return pipe_->write(buffer, count, file.blocks());
}

Result<std::uint64_t> Fifo::ioctl(OpenFile&, std::uint32_t request, std::uint64_t argument)
{
    return control_pipe(*pipe_, request, argument);
}

std::uint32_t Fifo::poll(const OpenFile& file) const
{
    return pipe_->poll(file);
}

void Fifo::vanish()
{
    this->~Fifo();
    objects.free(this, sizeof(Fifo));
}

} // namespace kernel
