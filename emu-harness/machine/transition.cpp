// SPDX-License-Identifier: GPL-2.0-or-later
// The kinds of transition by the manual's words.
#include "machine/transition.h"

namespace ringcheck {

const char* to_string(TransitionKind kind)
{
    switch (kind) {
    case TransitionKind::Syscall: return "SYSCALL";
    case TransitionKind::Sysret: return "SYSRETQ";
    case TransitionKind::Iret: return "IRETQ";
    case TransitionKind::Exception: return "exception";
    case TransitionKind::Interrupt: return "interrupt";
    case TransitionKind::Nmi: return "NMI";
    case TransitionKind::SoftwareInterrupt: return "INT n";
    case TransitionKind::AddressSpace: return "MOV CR3";
    case TransitionKind::GsSwap: return "SWAPGS";
    case TransitionKind::FarTransfer: return "far transfer";
    }
    return "unknown";
}

} // namespace ringcheck
