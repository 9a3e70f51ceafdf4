// SPDX-License-Identifier: MIT
#include "fs/descriptor_table.h"

#include "uapi/files.h"

namespace kernel {

using base::fail;
using base::Result;
using uapi::Error;

Result<HeldFile> DescriptorTable::find(std::uint32_t descriptor) const
{
    return is_open(descriptor) ? Result<HeldFile>(*files_[descriptor]) : fail(Error::Ebadf);
}

void DescriptorTable::set(std::uint32_t descriptor, OpenFile& file, bool close_on_exec)
{
    files_[descriptor] = &file;
    close_on_exec_[descriptor] = close_on_exec;
}

Result<std::uint32_t> DescriptorTable::add(OpenFile& file, std::uint32_t lowest, bool close_on_exec)
{
    for (std::uint32_t descriptor = lowest; descriptor < kMaximum; ++descriptor) {
        if (files_[descriptor] == nullptr) {
            set(descriptor, file, close_on_exec);
            return descriptor;
        }
    }
    open_files.release(file);
    return fail(lowest < kMaximum ? Error::Emfile : Error::Einval);
}

void DescriptorTable::replace(std::uint32_t descriptor, OpenFile& file, bool close_on_exec)
{
    OpenFileTable::hold(file);
    if (is_open(descriptor)) {
        open_files.release(*files_[descriptor]);
    }
    set(descriptor, file, close_on_exec);
}

Result<void> DescriptorTable::close(std::uint32_t descriptor)
{
    if (!is_open(descriptor)) {
        return fail(Error::Ebadf);
    }
    open_files.release(*files_[descriptor]);
    files_[descriptor] = nullptr;
    return {};
}

Result<bool> DescriptorTable::closes_on_exec(std::uint32_t descriptor) const
{
    return is_open(descriptor) ? Result<bool>(close_on_exec_[descriptor]) : fail(Error::Ebadf);
}

Result<void> DescriptorTable::set_close_on_exec(std::uint32_t descriptor, bool value)
{
    if (!is_open(descriptor)) {
        return fail(Error::Ebadf);
    }
    close_on_exec_[descriptor] = value;
    return {};
}

Result<void> DescriptorTable::open_standard(Inode& terminal)
{
    constexpr std::uint32_t kDescriptors = 3;
    OpenFile& file = *TRY(open_files.open(terminal, uapi::open_flag::kReadWrite));
    for (std::uint32_t descriptor = 0; descriptor < kDescriptors; ++descriptor) {
        replace(descriptor, file, false);
    }
    open_files.release(file);
    return {};
}

void DescriptorTable::copy_from(const DescriptorTable& other)
{
    for (std::uint32_t descriptor = 0; descriptor < kMaximum; ++descriptor) {
        if (other.is_open(descriptor)) {
            replace(descriptor, *other.files_[descriptor], other.close_on_exec_[descriptor]);
        }
    }
}

void DescriptorTable::close_on_exec()
{
    for (std::uint32_t descriptor = 0; descriptor < kMaximum; ++descriptor) {
        if (is_open(descriptor) && close_on_exec_[descriptor]) {
            open_files.release(*files_[descriptor]);
            files_[descriptor] = nullptr;
        }
    }
}

void DescriptorTable::close_all()
{
    for (std::uint32_t descriptor = 0; descriptor < kMaximum; ++descriptor) {
        if (is_open(descriptor)) {
            open_files.release(*files_[descriptor]);
            files_[descriptor] = nullptr;
        }
    }
}

} // namespace kernel
