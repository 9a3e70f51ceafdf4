# SPDX-License-Identifier: GPL-2.0-or-later
# Finds libdw (elfutils), which reads DWARF: the imported target explain::dwarf.  The static library is preferred, as
# for the engine, because the shared one brings five libraries along that no line of ringcheck needs.  zlib is shared:
# the engine has a function of its own with the name crc32.
find_path(DWARF_INCLUDE elfutils/libdw.h)
find_library(DWARF_LIBDW NAMES libdw.a dw)
find_library(DWARF_LIBELF NAMES libelf.a elf)
find_library(DWARF_LIBZ NAMES z)
mark_as_advanced(DWARF_INCLUDE DWARF_LIBDW DWARF_LIBELF DWARF_LIBZ)
if(NOT DWARF_INCLUDE OR NOT DWARF_LIBDW OR NOT DWARF_LIBELF OR NOT DWARF_LIBZ)
  message(FATAL_ERROR "ringcheck needs libdw and <elfutils/libdw.h> for source lines: run './aethel build', or install "
                      "the package libdw-dev")
endif()
add_library(explain::dwarf INTERFACE IMPORTED)
set_target_properties(explain::dwarf PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES ${DWARF_INCLUDE}
  INTERFACE_LINK_LIBRARIES "${DWARF_LIBDW};${DWARF_LIBELF};${DWARF_LIBZ}")
