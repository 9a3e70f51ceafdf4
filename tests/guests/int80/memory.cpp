// SPDX-License-Identifier: MIT
// All tables are static, and no address is above 2 GiB: one page directory for the kernel, one for each task.
#include "guests/int80/memory.h"

#include "guests/common/page_entry.h"
#include "guests/int80/tasks.h"

extern "C" {
// Set by int80.ld; only their addresses mean something.
extern char text_begin[], text_end[], rodata_begin[], rodata_end[], data_begin[], image_end[];
extern char user_text_begin[], user_text_end[], user_rodata_begin[], user_rodata_end[], user_text_load[],
    user_rodata_load[];
PageTable shared_page;
PageTable user_stacks[kTasks];
}

namespace {

PageTable kernel_directory, kernel_pages;
PageTable task_pml4[kTasks], task_pdpt[kTasks], task_directory[kTasks], task_pages[kTasks];

std::uint64_t address_of(const void* object)
{
    return reinterpret_cast<std::uint64_t>(object);
}

/// Maps [begin, end) to `physical` in the one table that covers `begin`.
void map(PageTable& pages, const char* begin, const char* end, std::uint64_t physical, std::uint64_t rights)
{
    for (std::uint64_t at = address_of(begin); at < address_of(end); at += kPageSize, physical += kPageSize) {
        pages.entries[at / kPageSize % 512] = physical | kPresent | rights;
    }
}

void map_page(PageTable& pages, std::uint64_t at, const void* page, std::uint64_t rights)
{
    pages.entries[at / kPageSize % 512] = address_of(page) | kPresent | rights;
}

} // namespace

void build_kernel_tables()
{
    kernel_directory.entries[0] = address_of(&kernel_pages) | kPresent | kWritable;
    map(kernel_pages, text_begin, text_end, address_of(text_begin), 0);
    map(kernel_pages, rodata_begin, rodata_end, address_of(rodata_begin), kNoExecute);
    map(kernel_pages, data_begin, image_end, address_of(data_begin), kWritable | kNoExecute);
    for (unsigned task = 0; task < kTasks; ++task) { // a kernel stack that overflows meets a missing page
        kernel_pages.entries[address_of(kernel_stacks[task].guard) / kPageSize % 512] = 0;
    }
}

std::uint64_t build_address_space(unsigned index)
{
    constexpr std::uint64_t kTable = kPresent | kWritable | kUser;
    PageTable& pages = task_pages[index];
    task_pml4[index].entries[0] = address_of(&task_pdpt[index]) | kTable;
    task_pdpt[index].entries[0] = address_of(&kernel_directory) | kPresent | kWritable;
    task_pdpt[index].entries[1] = address_of(&task_directory[index]) | kTable;
    task_directory[index].entries[0] = address_of(&pages) | kTable;
    map(pages, user_text_begin, user_text_end, address_of(user_text_load), kUser);
    map(pages, user_rodata_begin, user_rodata_end, address_of(user_rodata_load), kUser | kNoExecute);
    map_page(pages, kSharedPage, &shared_page, kUser | kWritable | kNoExecute);
    map_page(pages, kUserStackTop - kPageSize, &user_stacks[index], kUser | kWritable | kNoExecute);
    return address_of(&task_pml4[index]);
}
