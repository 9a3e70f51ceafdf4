# SPDX-License-Identifier: GPL-2.0-or-later
# Finds what snapshot files need: Zstandard and xxHash, as the imported target machine::snapshot_libraries.  The static
# libraries are preferred, as for the engine.
find_path(ZSTD_INCLUDE zstd.h)
find_path(XXHASH_INCLUDE xxhash.h)
find_library(ZSTD_LIBRARY NAMES libzstd.a zstd)
find_library(XXHASH_LIBRARY NAMES libxxhash.a xxhash)
mark_as_advanced(ZSTD_INCLUDE XXHASH_INCLUDE ZSTD_LIBRARY XXHASH_LIBRARY)
if(NOT ZSTD_INCLUDE OR NOT XXHASH_INCLUDE OR NOT ZSTD_LIBRARY OR NOT XXHASH_LIBRARY)
  message(FATAL_ERROR "ringcheck needs Zstandard and xxHash for snapshots: run './aethel build', or install the packages "
                      "libzstd-dev and libxxhash-dev")
endif()
add_library(machine::snapshot_libraries INTERFACE IMPORTED)
set_target_properties(machine::snapshot_libraries PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "${ZSTD_INCLUDE};${XXHASH_INCLUDE}"
  INTERFACE_LINK_LIBRARIES "${ZSTD_LIBRARY};${XXHASH_LIBRARY}")
