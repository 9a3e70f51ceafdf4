// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that a test of a kernel needs: #include <ringcheck/testing.h>
#pragma once

#include "testing/assertions.h"
#include "testing/kernel_test.h"
