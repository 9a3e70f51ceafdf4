// SPDX-License-Identifier: MIT
// From the loader's 32-bit protected mode to conformance_main in 64-bit mode: PVH (ringcheck, QEMU) or Multiboot2
// (GRUB, for Bochs).  The first GiB is mapped where it is, for ring 0 alone.

#include "asm_offsets.h"

    .section .boot.multiboot2, "a"
    .balign 8
multiboot2_header:
    .long   MULTIBOOT2_HEADER_MAGIC
    .long   MULTIBOOT2_ARCHITECTURE
    .long   multiboot2_header_end - multiboot2_header
    .long   -(MULTIBOOT2_HEADER_MAGIC + MULTIBOOT2_ARCHITECTURE + (multiboot2_header_end - multiboot2_header))
    .balign 8
    .short  MULTIBOOT2_TAG_ENTRY, 0
    .long   12
    .long   boot_entry
    .balign 8
    .short  0, 0                        // end tag
    .long   8
multiboot2_header_end:

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
    .globl  boot_entry
boot_entry:
    cli
    cld

    // The first GiB in 2 MiB pages: the first one code, the others data.
    movl    $boot_pdpt + ENTRY_TABLE, boot_pml4
    movl    $boot_pd + ENTRY_TABLE, boot_pdpt
    mov     $boot_pd, %edi
    mov     $ENTRY_LARGE_WRITABLE, %eax
    mov     $TABLE_ENTRIES, %ecx
1:  mov     %eax, (%edi)
    movl    $ENTRY_NO_EXECUTE_HIGH, 4(%edi)
    add     $LARGE_PAGE_SIZE, %eax
    add     $8, %edi
    loop    1b
    andl    $~ENTRY_WRITABLE | ENTRY_PRESENT, boot_pd
    movl    $0, boot_pd + 4

    mov     $boot_pml4, %eax
    mov     %eax, %cr3
    mov     $CR4_BOOT, %eax
    mov     %eax, %cr4
    mov     $MSR_EFER, %ecx
    mov     $EFER_BOOT, %eax
    xor     %edx, %edx
    wrmsr
    mov     $CR0_BOOT, %eax
    mov     %eax, %cr0
    lgdt    boot_gdt_pointer
    ljmp    $KERNEL_CODE_SELECTOR, $boot_entry_64

    .balign 8
boot_gdt:
    .quad   0
    .quad   BOOT_CODE_DESCRIPTOR
boot_gdt_pointer:
    .short  boot_gdt_pointer - boot_gdt - 1
    .long   boot_gdt

    .code64
boot_entry_64:
    xor     %eax, %eax
    mov     %eax, %ds
    mov     %eax, %es
    mov     %eax, %ss
    mov     %eax, %fs
    mov     %eax, %gs
    lea     main_stack_top(%rip), %rsp
    xor     %ebp, %ebp
    mov     %ebx, %edi                  // what the loader left: the PVH start info or the Multiboot2 information
    call    conformance_main
1:  cli
    hlt
    jmp     1b

    .bss
    .balign PAGE_SIZE
    .globl  boot_pml4, boot_pd
boot_pml4:
    .skip   PAGE_SIZE
boot_pdpt:
    .skip   PAGE_SIZE
boot_pd:
    .skip   PAGE_SIZE
    .skip   PAGE_SIZE * 4
main_stack_top:
