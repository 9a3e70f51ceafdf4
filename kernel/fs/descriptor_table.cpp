// SPDX-License-Identifier: MIT
#include "fs/descriptor_table.h"

#include "fs/file_locks.h"
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
    open_[descriptor / kBits] |= std::uint64_t{1} << descriptor % kBits;
}

void DescriptorTable::clear(std::uint32_t descriptor)
{
    files_[descriptor] = nullptr;
    open_[descriptor / kBits] &= ~(std::uint64_t{1} << descriptor % kBits);
}

/// A descriptor of this table is closed: with it go the locks that its process has on the file.
void DescriptorTable::give_up(OpenFile& file)
{
    if (file.inode->locks != nullptr) {
        file_locks::give_all(*file.inode, *this);
    }
    open_files.release(file);
}

std::uint32_t DescriptorTable::lowest_free(std::uint32_t lowest) const
{
    std::uint64_t passed = (std::uint64_t{1} << lowest % kBits) - 1; // in the first word
    for (std::uint32_t word = lowest / kBits; word < kWords; ++word) {
        if (const std::uint64_t free = ~(open_[word] | passed); free != 0) {
            return word * kBits + static_cast<unsigned>(__builtin_ctzll(free));
        }
        passed = 0;
    }
    return kMaximum;
}

/// Calls visit(descriptor) for each that is open, which may close it.
template <typename Visit> void DescriptorTable::for_each(Visit visit) const
{
    for (std::uint32_t word = 0; word < kWords; ++word) {
        for (std::uint64_t rest = open_[word]; rest != 0; rest &= rest - 1) {
            visit(word * kBits + static_cast<unsigned>(__builtin_ctzll(rest)));
        }
    }
}

bool DescriptorTable::refers_to(const Inode& inode) const
{
    bool found = false;
    for_each([&](std::uint32_t descriptor) { found = found || files_[descriptor]->inode == &inode; });
    return found;
}

Result<std::uint32_t> DescriptorTable::add(OpenFile& file, std::uint32_t lowest, bool close_on_exec)
{
    const std::uint32_t descriptor = lowest_free(lowest);
    if (descriptor >= limit_) {
        open_files.release(file);
        return fail(lowest < limit_ ? Error::Emfile : Error::Einval);
    }
    set(descriptor, file, close_on_exec);
    return descriptor;
}

void DescriptorTable::replace(std::uint32_t descriptor, OpenFile& file, bool close_on_exec)
{
    OpenFileTable::hold(file);
    if (is_open(descriptor)) {
        give_up(*files_[descriptor]);
    }
    set(descriptor, file, close_on_exec);
}

Result<void> DescriptorTable::close(std::uint32_t descriptor)
{
    if (!is_open(descriptor)) {
        return fail(Error::Ebadf);
    }
    OpenFile& file = *files_[descriptor];
    clear(descriptor);
    give_up(file);
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
    limit_ = other.limit_;
    other.for_each([&](std::uint32_t descriptor) {
        replace(descriptor, *other.files_[descriptor], other.close_on_exec_[descriptor]);
    });
}

void DescriptorTable::close_on_exec()
{
    for_each([this](std::uint32_t descriptor) {
        if (close_on_exec_[descriptor]) {
            static_cast<void>(close(descriptor));
        }
    });
}

void DescriptorTable::close_all()
{
    for_each([this](std::uint32_t descriptor) { static_cast<void>(close(descriptor)); });
}

} // namespace kernel
