// SPDX-License-Identifier: MIT
// All tables are static; the image fits into one page table.
#include "guests/apic/memory.h"

#include "guests/apic/local_apic.h"
#include "guests/apic/threads.h"
#include "guests/common/instructions.h"
#include "guests/common/page_entry.h"

extern "C" {
// Set by apic.ld; only their addresses mean something.
extern char text_begin[], text_end[], rodata_begin[], rodata_end[], data_begin[], data_end[];
extern char user_text_begin[], user_text_end[], user_rodata_begin[], user_rodata_end[], user_text_load[],
    user_rodata_load[];
PageTable user_data_page;
PageTable user_stacks[kThreads];
}

namespace {

constexpr std::uint64_t kImage = 0xffff'ffff'8000'0000;

PageTable pml4, kernel_pdpt, kernel_directory, kernel_pages, apic_directory, apic_pages;
PageTable user_pdpt, user_directory, user_pages;

std::uint64_t address_of(const void* object)
{
    return reinterpret_cast<std::uint64_t>(object);
}

std::uint64_t physical(const void* object)
{
    return address_of(object) - kImage;
}

void map(PageTable& pages, const char* begin, const char* end, std::uint64_t to, std::uint64_t rights)
{
    for (std::uint64_t at = address_of(begin); at < address_of(end); at += kPageSize, to += kPageSize) {
        pages.entries[at / kPageSize % 512] = to | kPresent | rights;
    }
}

void map_user_page(std::uint64_t at, const void* page)
{
    user_pages.entries[at / kPageSize % 512] = physical(page) | kPresent | kUser | kWritable | kNoExecute;
}

} // namespace

std::uint64_t build_address_space()
{
    constexpr std::uint64_t kKernelTable = kPresent | kWritable, kUserTable = kPresent | kWritable | kUser;
    pml4.entries[511] = physical(&kernel_pdpt) | kKernelTable;
    kernel_pdpt.entries[510] = physical(&kernel_directory) | kKernelTable;
    kernel_directory.entries[0] = physical(&kernel_pages) | kKernelTable;
    map(kernel_pages, text_begin, text_end, physical(text_begin), 0);
    map(kernel_pages, rodata_begin, rodata_end, physical(rodata_begin), kNoExecute);
    map(kernel_pages, data_begin, data_end, physical(data_begin), kWritable | kNoExecute);
    for (const KernelStack& stack : kernel_stacks) { // one that overflows meets a missing page
        kernel_pages.entries[address_of(stack.guard) / kPageSize % 512] = 0;
    }
    kernel_pdpt.entries[511] = physical(&apic_directory) | kKernelTable;
    apic_directory.entries[0] = physical(&apic_pages) | kKernelTable;
    apic_pages.entries[0] = kApicPhysical | kPresent | kWritable | kUncached | kNoExecute;

    pml4.entries[0] = physical(&user_pdpt) | kUserTable;
    user_pdpt.entries[1] = physical(&user_directory) | kUserTable;
    user_directory.entries[0] = physical(&user_pages) | kUserTable;
    map(user_pages, user_text_begin, user_text_end, address_of(user_text_load), kUser);
    map(user_pages, user_rodata_begin, user_rodata_end, address_of(user_rodata_load), kUser | kNoExecute);
    map_user_page(kSharedData, &user_data_page);
    for (unsigned thread = 0; thread < kThreads; ++thread) {
        map_user_page(user_stack_top(thread) - kPageSize, &user_stacks[thread]);
    }
    write_cr3(physical(&pml4));
    return physical(&pml4);
}
