// SPDX-License-Identifier: MIT
// Property: slots are handed out lowest first, each to one owner, and exactly as many as there are.
#include "base/slot_set.h"

#include <gtest/gtest.h>

namespace {

using Slots = base::SlotSet<70>; // a whole word and a part of one

TEST(SlotSet, HandsOutEverySlotOnceLowestFirst)
{
    Slots slots;
    for (unsigned expected = 0; expected < 70; ++expected) {
        EXPECT_EQ(slots.take(), expected);
    }
    EXPECT_EQ(slots.take(), Slots::kNone);
    EXPECT_EQ(slots.taken(), 70u);
}

TEST(SlotSet, HandsOutTheLowestSlotThatWasGivenBack)
{
    Slots slots;
    while (slots.take() != Slots::kNone) {
    }
    for (const unsigned slot : {69u, 3u, 64u}) {
        slots.give_back(slot);
        EXPECT_FALSE(slots.is_taken(slot));
    }
    EXPECT_EQ(slots.taken(), 67u);
    for (const unsigned slot : {3u, 64u, 69u, Slots::kNone}) {
        EXPECT_EQ(slots.take(), slot);
    }
}

TEST(SlotSetDeathTest, RefusesASlotThatIsNotTaken)
{
    Slots slots;
    EXPECT_DEATH(slots.give_back(0), "is_taken");
    EXPECT_DEATH(slots.give_back(70), "is_taken");
}

} // namespace
