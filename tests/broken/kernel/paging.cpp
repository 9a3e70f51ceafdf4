// SPDX-License-Identifier: MIT
// Two address spaces: the kernel's own, and the program's with the kernel in it.  Nothing is both writable and
// executable.  [SDM 3A "4-Level Paging and 5-Level Paging"]
#include "arch/paging.h"

#include "kernel.h"
#include "mistake.h"
#include "numbers.h"

using arch::PageEntry;

/// One table of any level.
struct alignas(arch::kPageSize) Table {
    PageEntry entries[arch::kTableEntries];
};

[[gnu::section(".page_tables")]] Table kernel_pml4, kernel_pdpt, kernel_pd, kernel_pt;
[[gnu::section(".page_tables")]] Table user_pml4, user_pdpt, user_pd, user_pt;
[[gnu::section(".page_tables")]] Table user_stack_frame;

namespace {

constexpr std::uint64_t kPresent = PageEntry::kPresent, kWritable = PageEntry::kWritable, kUser = PageEntry::kUser,
                        kNoExecute = PageEntry::kNoExecute;

/// Where one build maps the same memory once more, as kernels do that have all of it in the upper half.
constexpr std::uint64_t kAllMemory = 0xffff'8000'0000'0000;

void enter(Table& table, std::uint64_t address, unsigned level, std::uint64_t frame, std::uint64_t flags)
{
    table.entries[arch::table_index(address, level)] = PageEntry(arch::PhysAddr{frame}, flags | kPresent);
}

void map_kernel(const char* begin, const char* end, std::uint64_t flags)
{
    for (std::uint64_t page = address_of(begin); page != address_of(end); page += arch::kPageSize) {
        enter(kernel_pt, page, 1, page, flags);
    }
}

} // namespace

std::uint64_t build_address_spaces()
{
    map_kernel(text_begin, text_end, 0);
    map_kernel(rodata_begin, rodata_end, kNoExecute);
    map_kernel(data_begin, data_end, kWritable | kNoExecute);
    kernel_pt.entries[arch::table_index(address_of(kernel_stack_guard), 1)] = PageEntry();
    enter(kernel_pd, 0, 2, address_of(&kernel_pt), kWritable);
    enter(kernel_pdpt, 0, 3, address_of(&kernel_pd), kWritable);
    enter(kernel_pml4, 0, 4, address_of(&kernel_pdpt), kWritable);
    if constexpr (kMistake == Mistake::cr3_linear) {
        enter(kernel_pml4, kAllMemory, 4, address_of(&kernel_pdpt), kWritable);
    }
    asm volatile("mov %0, %%cr3" ::"r"(&kernel_pml4) : "memory");

    constexpr std::uint64_t kLink = kWritable | kUser;
    enter(user_pml4, USER_TEXT, 4, address_of(&user_pdpt), kLink);
    if constexpr (kMistake != Mistake::kernel_not_mapped) {
        enter(user_pdpt, 0, 3, address_of(&kernel_pd), kWritable);
    }
    enter(user_pdpt, USER_TEXT, 3, address_of(&user_pd), kMistake == Mistake::user_bit_missing ? kWritable : kLink);
    enter(user_pd, USER_TEXT, 2, address_of(&user_pt), kLink);
    enter(user_pt, USER_TEXT, 1, address_of(user_text_frame),
          kMistake == Mistake::user_text_no_execute ? kUser | kNoExecute : kUser);
    constexpr std::uint64_t kStackPage =
        kMistake == Mistake::user_stack_not_mapped ? USER_STACK_TOP : USER_STACK_TOP - arch::kPageSize;
    constexpr std::uint64_t kBeyondPhysical = kMistake == Mistake::stack_frame_too_high ? std::uint64_t{1} << 51 : 0;
    enter(user_pt, kStackPage, 1, address_of(&user_stack_frame), kWritable | kUser | kNoExecute | kBeyondPhysical);
    return kMistake == Mistake::cr3_linear       ? kAllMemory + address_of(&user_pml4)
           : kMistake == Mistake::cr3_names_pdpt ? address_of(&user_pdpt)
                                                 : address_of(&user_pml4);
}
