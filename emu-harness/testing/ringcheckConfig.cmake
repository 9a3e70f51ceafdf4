# SPDX-License-Identifier: GPL-2.0-or-later
# find_package(ringcheck): the targets
#   ringcheck::testing  the library behind <ringcheck/testing.h>, with GoogleTest
#   ringcheck::main     a main function for the test binary that knows --tap
# ringcheck contains Unicorn, so that what is linked with it is under the GNU General Public License, version 2 or later.
include(CMakeFindDependencyMacro)
find_dependency(GTest)
find_dependency(Threads)

get_filename_component(ringcheck_prefix ${CMAKE_CURRENT_LIST_DIR}/../../.. ABSOLUTE)
get_filename_component(ringcheck_libraries ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)

# What the archive needs besides itself, and the Debian package that has it.
set(ringcheck_needed "")
foreach(pair fmt=libfmt-dev pugixml=libpugixml-dev dw=libdw-dev elf=libelf-dev z=zlib1g-dev zstd=libzstd-dev
    xxhash=libxxhash-dev)
  string(REGEX MATCH "^[^=]+" name ${pair})
  string(REGEX MATCH "[^=]+$" package ${pair})
  find_library(RINGCHECK_${name} ${name})
  mark_as_advanced(RINGCHECK_${name})
  if(NOT RINGCHECK_${name})
    set(ringcheck_FOUND FALSE)
    set(ringcheck_NOT_FOUND_MESSAGE "ringcheck needs the library ${name}: install the package ${package}")
    return()
  endif()
  list(APPEND ringcheck_needed ${RINGCHECK_${name}})
endforeach()

if(NOT TARGET ringcheck::testing)
  add_library(ringcheck::testing STATIC IMPORTED)
  set_target_properties(ringcheck::testing PROPERTIES
    IMPORTED_LOCATION ${ringcheck_libraries}/libringcheck.a
    INTERFACE_INCLUDE_DIRECTORIES "${ringcheck_prefix}/include;${ringcheck_prefix}/include/ringcheck"
    INTERFACE_COMPILE_FEATURES cxx_std_23
    # GNU ld 2.40 links calls inside Unicorn's objects to the wrong functions.
    INTERFACE_LINK_OPTIONS -fuse-ld=lld
    INTERFACE_LINK_LIBRARIES "GTest::gtest;${ringcheck_needed};Threads::Threads;m")
  add_library(ringcheck::main INTERFACE IMPORTED)
  set_target_properties(ringcheck::main PROPERTIES
    INTERFACE_SOURCES ${ringcheck_prefix}/share/ringcheck/tap_main.cpp
    INTERFACE_LINK_LIBRARIES ringcheck::testing)
endif()
