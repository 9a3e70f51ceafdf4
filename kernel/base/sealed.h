// SPDX-License-Identifier: MIT
// Data that boot decides and nobody changes afterwards.
#pragma once

/// Places a variable in the pages that seal_kernel_data makes read-only at the end of boot.  A write to it later is a
/// page fault in ring 0, and so a panic.
#define SEALED [[gnu::section(".sealed")]]
