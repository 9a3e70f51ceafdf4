// SPDX-License-Identifier: MIT
#include "process/program_file.h"

#include "fs/path_lookup.h"
#include "uapi/files.h"

namespace kernel {

base::Result<base::Bytes> find_program(base::StringView path)
{
    const ArchiveFile& file = *TRY(look_up(root_files, root_directory, path));
    if (file.kind != FileKind::Regular || (file.permissions & uapi::file_mode::kExecute) == 0) {
        return base::fail(uapi::Error::Eacces);
    }
    return file.contents();
}

} // namespace kernel
