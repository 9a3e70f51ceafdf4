// SPDX-License-Identifier: MIT
// From the loader's 32-bit protected mode to kernel_main in 64-bit mode, with W^X, NX and CR0.WP from the first
// instruction under paging.  Two headers (PVH note, Multiboot2), one entry.
//
// The page tables made here stay the kernel's: 256 PDPTs for PML4[256..511], the image page by page with the rights
// of its sections, the first GiB of physical memory (writable, never executable); all of it global.  Guard pages below
// the boot stack and the IST stacks are left out.
//
// Before kernel_main the image moves to another place in its GiB.  Its stack is in it, and nothing that was pushed here
// is an address.

#include "asm_offsets.h"

#define PHYSICAL(symbol) ((symbol) - KERNEL_IMAGE)

    .section .boot.multiboot2, "a"
    .balign 8
.Lmultiboot2_header:
    .long   MULTIBOOT2_HEADER_MAGIC
    .long   MULTIBOOT2_ARCHITECTURE
    .long   .Lmultiboot2_header_end - .Lmultiboot2_header
    .long   -(MULTIBOOT2_HEADER_MAGIC + MULTIBOOT2_ARCHITECTURE + (.Lmultiboot2_header_end - .Lmultiboot2_header))
    .balign 8
    .short  MULTIBOOT2_TAG_ENTRY, 0
    .long   12
    .long   boot_entry
    .balign 8
    .short  MULTIBOOT2_TAG_MODULE_ALIGNMENT, 0
    .long   8
    .balign 8
    .short  0, 0                        // end tag
    .long   8
.Lmultiboot2_header_end:

    .section .note.pvh, "a", @note
    .balign 4
    .long   2f - 1f
    .long   4f - 3f
    .long   PVH_NOTE_TYPE
1:  .asciz  "Xen"
2:  .balign 4
3:  .long   boot_entry
4:  .balign 4

    .section .boot, "ax"
    .code32

// in    EBX = physical address of the PVH start info, or of the Multiboot2 information
// out   kernel_main(EDI = 1 for PVH, 0 for Multiboot2; RSI = that address)
    .globl  boot_entry
    .type   boot_entry, @function
boot_entry:
    cli
    cld
    mov     $PHYSICAL(boot_stacks) + KERNEL_STACK_STRIDE, %esp

    // NX and long mode are what everything after this stands on.
    mov     $CPUID_EXTENDED_MAXIMUM, %eax
    mov     %ebx, %esi
    cpuid
    cmp     $CPUID_EXTENDED_FEATURES, %eax
    jb      no_long_mode
    mov     $CPUID_EXTENDED_FEATURES, %eax
    cpuid
    and     $CPUID_LONG_MODE_AND_NX, %edx
    cmp     $CPUID_LONG_MODE_AND_NX, %edx
    jne     no_long_mode
    mov     %esi, %ebx

    // PML4[256..511]: one PDPT each, now and for ever.
    mov     $PHYSICAL(kernel_pml4) + 8 * FIRST_KERNEL_TOP_ENTRY, %edi
    mov     $PHYSICAL(kernel_pdpts) + ENTRY_TABLE, %eax
    mov     $KERNEL_TOP_ENTRIES, %ecx
1:  mov     %eax, (%edi)
    add     $PAGE_SIZE, %eax
    add     $8, %edi
    loop    1b

    // The first GiB of physical memory, in 2 MiB pages.
    movl    $PHYSICAL(first_gib_pd) + ENTRY_TABLE, PHYSICAL(kernel_pdpts) + PAGE_SIZE * PHYSICAL_MAP_PDPT_INDEX
    mov     $PHYSICAL(first_gib_pd), %edi
    mov     $ENTRY_LARGE_WRITABLE | ENTRY_GLOBAL, %eax
    mov     $TABLE_ENTRIES, %ecx
1:  mov     %eax, (%edi)
    movl    $ENTRY_NO_EXECUTE_HIGH, 4(%edi)
    add     $LARGE_PAGE_SIZE, %eax
    add     $8, %edi
    loop    1b

    // The image: four page tables cover physical 0..8 MiB.
    movl    $PHYSICAL(image_pd) + ENTRY_TABLE, PHYSICAL(kernel_pdpts) + PAGE_SIZE * IMAGE_PDPT_INDEX + 8 * IMAGE_PD_SLOT
    movl    $PHYSICAL(image_pts) + ENTRY_TABLE, PHYSICAL(image_pd)
    movl    $PHYSICAL(image_pts) + PAGE_SIZE + ENTRY_TABLE, PHYSICAL(image_pd) + 8
    movl    $PHYSICAL(image_pts) + 2 * PAGE_SIZE + ENTRY_TABLE, PHYSICAL(image_pd) + 16
    movl    $PHYSICAL(image_pts) + 3 * PAGE_SIZE + ENTRY_TABLE, PHYSICAL(image_pd) + 24

    mov     $PHYSICAL(text_begin), %eax
    mov     $PHYSICAL(text_end), %ecx
    xor     %edx, %edx                  // upper half: executable
    mov     $ENTRY_PRESENT | ENTRY_GLOBAL, %ebp
    call    map_image_pages
    mov     $PHYSICAL(rodata_begin), %eax
    mov     $PHYSICAL(rodata_end), %ecx
    mov     $ENTRY_NO_EXECUTE_HIGH, %edx
    call    map_image_pages
    mov     $PHYSICAL(data_begin), %eax
    mov     $PHYSICAL(data_end), %ecx
    mov     $ENTRY_WRITABLE | ENTRY_GLOBAL, %ebp
    call    map_image_pages

    // Guard pages: the lowest page of each static stack's slot.
    mov     $PHYSICAL(boot_stacks), %eax
    mov     $1 + IST_COUNT, %ecx
1:  mov     %eax, %edi
    shr     $12, %edi
    movl    $0, PHYSICAL(image_pts)(,%edi,8)
    movl    $0, PHYSICAL(image_pts) + 4(,%edi,8)
    add     $KERNEL_STACK_STRIDE, %eax
    loop    1b

    // This page at its physical address, executable and read-only, until the jump below has left it.
    movl    $PHYSICAL(identity_pdpt) + ENTRY_TABLE, PHYSICAL(kernel_pml4)
    movl    $PHYSICAL(identity_pd) + ENTRY_TABLE, PHYSICAL(identity_pdpt)
    movl    $PHYSICAL(identity_pt) + ENTRY_TABLE, PHYSICAL(identity_pd)
    mov     $boot_begin, %eax
    mov     %eax, %edi
    shr     $12, %edi
    or      $ENTRY_PRESENT, %eax
    mov     %eax, PHYSICAL(identity_pt)(,%edi,8)

    mov     $PHYSICAL(kernel_pml4), %eax
    mov     %eax, %cr3
    mov     $CR4_BOOT, %eax
    mov     %eax, %cr4
    mov     $MSR_EFER, %ecx
    mov     $EFER_BOOT, %eax
    xor     %edx, %edx
    wrmsr

    // The two protocols are told apart by PVH's magic in memory; it must be read before paging hides it.
    xor     %edx, %edx
    cmpl    $PVH_START_MAGIC, (%ebx)
    sete    %dl
    mov     %edx, %edi
    mov     %ebx, %esi

    mov     $CR0_BOOT, %eax
    mov     %eax, %cr0
    lgdt    boot_gdt_pointer
    ljmp    $KERNEL_CODE_SELECTOR, $boot_entry_64
    .size   boot_entry, . - boot_entry

// Maps the physical range EAX..ECX (page-aligned) at KERNEL_IMAGE with EDX:EBP as the flags of each entry.
// clobbers EAX, EDI
map_image_pages:
1:  cmp     %ecx, %eax
    jae     2f
    mov     %eax, %edi
    shr     $12, %edi
    or      %ebp, %eax
    mov     %eax, PHYSICAL(image_pts)(,%edi,8)
    mov     %edx, PHYSICAL(image_pts) + 4(,%edi,8)
    and     $-PAGE_SIZE, %eax
    add     $PAGE_SIZE, %eax
    jmp     1b
2:  ret

no_long_mode:
    mov     $no_long_mode_text, %esi
    mov     $COM1_DATA, %edx
1:  lodsb
    test    %al, %al
    jz      2f
    out     %al, %dx
    jmp     1b
2:  hlt
    jmp     2b
no_long_mode_text:
    .asciz  "AethelOS needs a 64-bit CPU with NX.\r\n"

    .balign 8
boot_gdt:
    .quad   0
    .quad   BOOT_CODE_DESCRIPTOR
boot_gdt_pointer:
    .short  boot_gdt_pointer - boot_gdt - 1
    .long   boot_gdt

    .code64
boot_entry_64:
    movabs  $higher_half_entry, %rax
    jmp     *%rax

    .text
higher_half_entry:
    xor     %eax, %eax
    mov     %eax, %ds
    mov     %eax, %es
    mov     %eax, %ss
    mov     %eax, %fs
    mov     %eax, %gs
    mov     $boot_stacks + KERNEL_STACK_STRIDE, %rsp
    movq    $0, kernel_pml4(%rip)       // the identity mapping has done its work
    mov     %cr3, %rax
    mov     %rax, %cr3
    xor     %ebp, %ebp                  // end of the chain for backtraces
    mov     %rdi, %r12
    mov     %rsi, %r13
    call    prepare_move
    mov     %rax, %rbx
    lea     moved_entry(%rip), %r14
    add     %rbx, %r14
    add     %rbx, %rsp
    mov     %cr3, %rcx
    mov     %rcx, %cr3                  // serialises: the code has been rewritten.  [SDM 3A "Self-Modifying Code"]
    mov     %rbx, %rdi
    call    landmark_kernel_moves
    jmp     *%r14
moved_entry:
    test    %rbx, %rbx
    jz      1f
    call    finish_move
    mov     %cr3, %rcx
    mov     %rcx, %cr3                  // all of the old place, global or not: CR4.PGE is not set yet
1:  mov     %r12, %rdi
    mov     %r13, %rsi
    call    kernel_main
1:  cli
    hlt
    jmp     1b

    .bss
    .balign PAGE_SIZE
    .globl  kernel_pml4, kernel_pdpts, first_gib_pd, image_pd, image_pts, boot_stacks
kernel_pml4:
    .skip   PAGE_SIZE
kernel_pdpts:
    .skip   PAGE_SIZE * KERNEL_TOP_ENTRIES
first_gib_pd:
    .skip   PAGE_SIZE
image_pd:
    .skip   PAGE_SIZE
image_pts:
    .skip   PAGE_SIZE * 4
identity_pdpt:
    .skip   PAGE_SIZE
identity_pd:
    .skip   PAGE_SIZE
identity_pt:
    .skip   PAGE_SIZE
// The boot stack, then the IST stacks in order of their index: each slot is a guard page and a stack.
    .type   boot_stacks, @object
    .size   boot_stacks, KERNEL_STACK_STRIDE * (1 + IST_COUNT)
boot_stacks:
    .skip   KERNEL_STACK_STRIDE * (1 + IST_COUNT)
