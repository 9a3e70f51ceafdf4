// SPDX-License-Identifier: MIT
#include "process/fault_report.h"

#include "arch/exception.h"
#include "arch/paging.h"

namespace kernel {

using base::hex;
using base::print;

const char* access_word(std::uint32_t error_code)
{
    if ((error_code & arch::page_fault::kFetch) != 0) {
        return "execute";
    }
    return (error_code & arch::page_fault::kWrite) != 0 ? "write" : "read";
}

void describe(base::Writer& out, const FaultReport& report)
{
    print(out, arch::mnemonic(report.vector));
    if (report.vector == static_cast<unsigned>(arch::Vector::PageFault)) {
        const bool protection = (report.error_code & arch::page_fault::kProtection) != 0;
        const bool user = (report.error_code & arch::page_fault::kUser) != 0;
        print(out, " ", access_word(report.error_code), " of ", hex(report.address), " at ", hex(report.rip),
              " (error ", hex(report.error_code), ": ", protection ? "protection" : "not present",
              user ? ", user" : ", kernel");
        if ((report.error_code & arch::page_fault::kReserved) != 0) {
            print(out, ", reserved bit");
        }
        print(out, ")");
    } else {
        print(out, " at ", hex(report.rip));
        if (arch::pushes_error_code(report.vector)) {
            print(out, " (error ", hex(report.error_code), ")");
        }
    }
}

} // namespace kernel
