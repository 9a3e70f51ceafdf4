// SPDX-License-Identifier: MIT
// A program in a memory of its own that nobody runs in yet: what spawn gives to a new Vessel, and execve to one that
// has a memory already.
#pragma once

#include "layout/process_places.h"
#include "layout/trap_frame.h"
#include "process/initial_stack.h"

namespace kernel {

struct ProgramImage {
    UserMemory memory;
    layout::ProcessPlaces places;
    arch::VirtAddr entry;
    arch::VirtAddr stack; ///< RSP

    /// The frame from which it enters ring 3: every general register zero.
    layout::TrapFrame first_frame() const;
};

/// Loads the ELF in `file`, and makes heap and stack.  Random numbers and addresses are new ones.
/// @param words  the strings; whatever comes of the file is filled in here
/// @return  ENOEXEC: not a program (see plan_elf).  ENOMEM.  E2BIG: too many strings.
base::Result<ProgramImage> make_program_image(PageSource& file, const InitialStack& words);

} // namespace kernel
