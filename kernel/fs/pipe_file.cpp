// SPDX-License-Identifier: MIT
#include "fs/pipe_file.h"

#include "cpu/user_copy.h"
#include "fs/file_space.h"
#include "uapi/termios.h"

#include <new>

namespace kernel {

using arch::VirtAddr;
using base::Result;

namespace {

constinit std::uint64_t next_number = 1;

} // namespace

PipeFile::PipeFile(Pipe& pipe, std::uint64_t number_of_it)
    : Inode({.kind = FileKind::Fifo,
             .permissions = 0600,
             .number = number_of_it,
             .device = device_id::kPipes,
             .device_number = 0,
             .stream = true}),
      pipe_(pipe)
{
    links = 0; // no directory leads here
}

Result<PipeFile*> PipeFile::create()
{
    static_assert(sizeof(PipeFile) <= Pipe::kRoomBehind && alignof(PipeFile) <= alignof(Pipe));
    Pipe& pipe = *TRY(Pipe::create());
    return new (pipe.room_behind()) PipeFile(pipe, next_number++);
}

Result<void> PipeFile::opened(OpenFile& file)
{
    pipe_.open(file);
    return {};
}

void PipeFile::closed(OpenFile& file)
{
    pipe_.close(file);
}

Result<std::uint64_t> PipeFile::read(OpenFile& file, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    return pipe_.read(buffer, count, file.blocks());
}

Result<std::uint64_t> PipeFile::write(OpenFile& file, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    return pipe_.write(buffer, count, file.blocks());
}

Result<std::uint64_t> PipeFile::ioctl(OpenFile&, std::uint32_t request, std::uint64_t argument)
{
    return control_pipe(pipe_, request, argument);
}

std::uint32_t PipeFile::poll(const OpenFile& file) const
{
    return pipe_.poll(file);
}

Result<std::uint64_t> control_pipe(const Pipe& pipe, std::uint32_t request, std::uint64_t argument)
{
    if (static_cast<uapi::IoRequest>(request) != uapi::IoRequest::Fionread) {
        return base::fail(uapi::Error::Enotty);
    }
    TRY(write_user(VirtAddr{argument}, static_cast<std::uint32_t>(pipe.size())));
    return 0;
}

} // namespace kernel
