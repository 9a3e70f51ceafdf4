# SPDX-License-Identifier: MIT
# kernel_hosted: the parts of the kernel that need no CPU, built for the machine that tests them, and always with
# sanitisers: a read outside a file, an archive or a table ends the test.
# Its user defines base::assertion_failed and the effects of mm/tlb.h, for float_frame what the CPU has as well.
set(hosted_kernel ${CMAKE_CURRENT_LIST_DIR})
add_library(kernel_hosted STATIC
  ${hosted_kernel}/base/chacha20.cpp
  ${hosted_kernel}/base/format.cpp
  ${hosted_kernel}/base/random.cpp
  ${hosted_kernel}/boot/boot_info.cpp
  ${hosted_kernel}/boot/multiboot2_boot_info.cpp
  ${hosted_kernel}/boot/pvh_boot_info.cpp
  ${hosted_kernel}/cpu/float_frame.cpp
  ${hosted_kernel}/cpu/memory_functions.S
  ${hosted_kernel}/device/line_discipline.cpp
  ${hosted_kernel}/device/line_echo.cpp
  ${hosted_kernel}/device/output_processing.cpp
  ${hosted_kernel}/fs/cpio.cpp
  ${hosted_kernel}/fs/descriptor_table.cpp
  ${hosted_kernel}/fs/directory_path.cpp
  ${hosted_kernel}/fs/file_locks.cpp
  ${hosted_kernel}/fs/file_space.cpp
  ${hosted_kernel}/fs/initrd.cpp
  ${hosted_kernel}/fs/inode.cpp
  ${hosted_kernel}/fs/name_table.cpp
  ${hosted_kernel}/fs/names.cpp
  ${hosted_kernel}/fs/open_file.cpp
  ${hosted_kernel}/fs/whole_file_locks.cpp
  ${hosted_kernel}/fs/page_tree.cpp
  ${hosted_kernel}/fs/path_walk.cpp
  ${hosted_kernel}/fs/tmp_directory.cpp
  ${hosted_kernel}/fs/tmp_file.cpp
  ${hosted_kernel}/fs/tmpfs.cpp
  ${hosted_kernel}/landmarks.cpp
  ${hosted_kernel}/mm/address_space.cpp
  ${hosted_kernel}/mm/address_space_ranges.cpp
  ${hosted_kernel}/mm/frame_allocator.cpp
  ${hosted_kernel}/mm/kernel_pages.cpp
  ${hosted_kernel}/mm/object_allocator.cpp
  ${hosted_kernel}/mm/user_memory.cpp
  ${hosted_kernel}/mm/user_memory_fault.cpp
  ${hosted_kernel}/mm/user_memory_remap.cpp
  ${hosted_kernel}/mm/vma_set.cpp
  ${hosted_kernel}/process/address_layout.cpp
  ${hosted_kernel}/process/argument_block.cpp
  ${hosted_kernel}/process/clone.cpp
  ${hosted_kernel}/process/elf_loader.cpp
  ${hosted_kernel}/process/fault_signal.cpp
  ${hosted_kernel}/process/initial_stack.cpp
  ${hosted_kernel}/process/pending_signals.cpp
  ${hosted_kernel}/process/run_queue.cpp
  ${hosted_kernel}/process/script.cpp
  ${hosted_kernel}/process/signal_actions.cpp)
target_include_directories(kernel_hosted PUBLIC ${hosted_kernel})
target_link_libraries(kernel_hosted PUBLIC aethel_host)
target_compile_options(kernel_hosted PUBLIC
  "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=address,undefined;-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
target_link_options(kernel_hosted PUBLIC -fsanitize=address,undefined)

# The kernel's own memory functions stand beside the host's, under other names.
set(memory_function_names)
foreach(function memset memcpy memmove memcmp strlen)
  list(APPEND memory_function_names ${function}=kernel_${function})
endforeach()
set_source_files_properties(${hosted_kernel}/cpu/memory_functions.S PROPERTIES
  COMPILE_DEFINITIONS "${memory_function_names}")
