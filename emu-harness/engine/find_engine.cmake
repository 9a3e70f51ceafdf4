# SPDX-License-Identifier: GPL-2.0-or-later
# Finds Unicorn >= 2.1.4 and Capstone 5: first in ENGINE_PREFIX, where fetch_engine.sh unpacks them, then on the system.
# Defines the imported targets engine::unicorn and engine::capstone.  Older Unicorns run kernels wrongly: 2.0 maps every
# page to itself, 2.1.1 executes stale code.
set(ENGINE_PREFIX "" CACHE PATH "Folder with usr/include/unicorn; empty: build/engine-prefix, then the system")
# Not the cache's default: the folder may appear after the first configuration.
set(engine_prefix ${CMAKE_SOURCE_DIR}/build/engine-prefix)
if(ENGINE_PREFIX)
  set(engine_prefix ${ENGINE_PREFIX})
endif()

set(engine_unicorn_minimum 2.1.4)
set(engine_next_step "run './aethel build', which fetches both, or set ENGINE_PREFIX")

# engine_find(NAME library HEADER header): a static library is preferred, because a program that links it starts
# 2 ms sooner than one that relocates the shared one.
function(engine_find name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER" "")
  set(suffixes lib/${CMAKE_LIBRARY_ARCHITECTURE} lib/x86_64-linux-gnu lib)
  # Looked for each time: what an earlier configuration found may be too old, or gone.
  unset(ENGINE_${name}_INCLUDE CACHE)
  unset(ENGINE_${name}_LIBRARY CACHE)
  find_path(ENGINE_${name}_INCLUDE ${arg_HEADER} HINTS ${engine_prefix}/usr PATH_SUFFIXES include)
  find_library(ENGINE_${name}_LIBRARY NAMES lib${name}.a ${name} HINTS ${engine_prefix}/usr PATH_SUFFIXES ${suffixes})
  mark_as_advanced(ENGINE_${name}_INCLUDE ENGINE_${name}_LIBRARY)
  if(NOT ENGINE_${name}_INCLUDE OR NOT ENGINE_${name}_LIBRARY)
    message(FATAL_ERROR "ringcheck needs lib${name} and <${arg_HEADER}>, which are neither in ${engine_prefix} "
                        "nor on the system: ${engine_next_step}")
  endif()
  add_library(engine::${name} UNKNOWN IMPORTED)
  set_target_properties(engine::${name} PROPERTIES
    IMPORTED_LOCATION ${ENGINE_${name}_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ENGINE_${name}_INCLUDE})
endfunction()

engine_find(unicorn HEADER unicorn/unicorn.h)
engine_find(capstone HEADER capstone/capstone.h)

# libunicorn.a needs what the shared library brings along itself.
find_package(Threads REQUIRED)
set_target_properties(engine::unicorn PROPERTIES INTERFACE_LINK_LIBRARIES "Threads::Threads;m")

set(version "")
foreach(part MAJOR MINOR PATCH)
  file(STRINGS ${ENGINE_unicorn_INCLUDE}/unicorn/unicorn.h line REGEX "^#define UC_API_${part} ")
  string(REGEX MATCH "[0-9]+" number "${line}")
  list(APPEND version ${number})
endforeach()
list(JOIN version . version)
if(version VERSION_LESS engine_unicorn_minimum)
  message(FATAL_ERROR "ringcheck needs Unicorn ${engine_unicorn_minimum} or newer, "
                      "${ENGINE_unicorn_INCLUDE}/unicorn/unicorn.h is ${version}: ${engine_next_step}")
endif()
