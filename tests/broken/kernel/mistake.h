// SPDX-License-Identifier: MIT
// The one mistake that this build of the kernel makes.  Assembly asks for the same name with `#ifdef MISTAKE_<name>`.
#pragma once

enum class Mistake {
    none,

    // On the way to long mode.
    pae_not_set,        ///< CR4.PAE is forgotten
    lme_not_set,        ///< EFER.LME is forgotten
    boot_code_not_long, ///< the boot code's GDT has D instead of L

    // The first instruction of ring 3 raises #PF.
    cr3_not_loaded,        ///< the program's page tables are built and never loaded
    user_stack_not_mapped, ///< the stack page is mapped one page too high
    user_text_no_execute,  ///< NX on the program's code
    user_bit_missing,      ///< U in every entry but the page-directory-pointer table's
    stack_frame_too_high,  ///< the stack page's entry names a frame beyond what the CPU can address

    // Paging in the kernel.
    kernel_not_mapped, ///< the program's page tables lack the kernel
    nxe_not_set,       ///< NX in page tables without EFER.NXE
    cr3_linear,        ///< CR3 is given the linear address of the program's PML4
    cr3_names_pdpt,    ///< CR3 is given the program's page-directory-pointer table
    null_call,         ///< a call through a null pointer
    red_zone,          ///< a leaf function keeps a word below RSP while an event comes

    // The kernel cannot be entered from ring 3.
    tss_not_loaded,         ///< no LTR
    rsp0_at_the_bottom,     ///< TSS.RSP0 is the lowest address of the stack instead of the one above it
    idt_limit_counts_gates, ///< LIDT with the number of gates as limit
    gate_names_data,        ///< the gate's selector is the kernel's data segment
    stack_overflow,         ///< a recursion that does not end
    tss_limit_too_small,    ///< the TSS descriptor's limit ends within RSP0
    idt_pointer_not_packed, ///< LIDT's base stands 8 bytes behind its limit
    ltr_twice,              ///< LTR of a TSS that is busy
    rsp0_not_written,       ///< TSS.RSP0 is 0
    rsp0_not_mapped,        ///< TSS.RSP0 is an address that nothing is mapped at
    gate_dpl_kernel,        ///< the gate of INT3 has DPL 0
    gate_not_present,       ///< the gate of INT3 has everything but P
    gates_of_8_bytes,       ///< the IDT is filled as 32-bit mode has it
    handler_not_mapped,     ///< the gate of INT3 names an address that nothing is mapped at
    page_fault_unhandled,   ///< so does the gate of the page fault that this raises

    // Interrupts.
    interrupts_before_idt,    ///< STI before LIDT
    pic_not_remapped,         ///< the first 8259 sends IRQ 0 as vector 8
    error_code_left,          ///< the page fault's handler returns without removing the error code
    swapgs_from_ring_0,       ///< the breakpoint's handler swaps GS whichever ring it came from
    sse_not_enabled,          ///< an SSE instruction without CR4.OSFXSR
    handler_stack_misaligned, ///< the breakpoint's handler calls C++ with an odd number of words on the stack

    // Selectors.
    frame_ss_without_rpl,    ///< IRETQ's frame has an SS of RPL 0
    frame_selectors_swapped, ///< IRETQ's frame has SS where CS belongs
    iret_of_32_bits,         ///< IRET without REX.W
    frame_reversed,          ///< IRETQ's frame was pushed from RIP to SS
    program_executes_cli,    ///< a privileged instruction in ring 3
    gdt_limit_too_short,     ///< the GDT's limit forgets the user segments and the TSS
    user_code_not_long,      ///< the program's code segment has D instead of L
    star_kernel_base_wrong,  ///< STAR[47:32] is 8 too large; a breakpoint in the kernel shows it
    tss_descriptor_cut,      ///< the TSS descriptor's upper half is the next descriptor

    // SYSCALL and SYSRET.
    rcx_not_kept,          ///< the entry uses RCX before it has saved it
    rcx_and_r11_swapped,   ///< popped in the order in which they were pushed
    star_one_slot_off,     ///< STAR[63:48] is 8 too large
    sysretl,               ///< SYSRET without REX.W
    lstar_not_written,     ///< SYSCALL goes to address 0
    lstar_halves_swapped,  ///< WRMSR with EDX and EAX exchanged
    sce_not_set,           ///< SYSCALL without EFER.SCE
    swapgs_left_out,       ///< the entry uses GS as it finds it
    swapgs_twice,          ///< the entry exchanges it and exchanges it back
    sysret_without_swapgs, ///< SYSRETQ returns with the kernel's GS
    iret_without_swapgs,   ///< so does IRETQ

    // The kernel halts.
    program_reads_null,       ///< the program loads from address 0, which the kernel reports
    end_of_interrupt_missing, ///< the timer's handler sends no EOI, so that the timer comes once
};

inline constexpr Mistake kMistake = Mistake::BROKEN_MISTAKE;
