// SPDX-License-Identifier: MIT
// Text on the first serial port.
#pragma once

#include <cstddef>
#include <cstdint>

void serial_start();
void serial_write(const char* text, std::size_t bytes);
void serial_write(const char* text);
void serial_write_number(std::uint64_t number);
