// SPDX-License-Identifier: MIT
// The editor at a pseudo-terminal: keys in, the file byte for byte and the screen cell by cell out.
#include "programs/terminal.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace {

using support::TemporaryFolder;
using testing::HasSubstr;

const std::string kUp = "\x1b[A", kDown = "\x1b[B", kRight = "\x1b[C", kLeft = "\x1b[D", kHome = "\x1b[H",
                  kEnd = "\x1b[F", kPageUp = "\x1b[5~", kPageDown = "\x1b[6~", kDelete = "\x1b[3~", kBackspace = "\x7f",
                  kEnter = "\r";
std::string control(char letter)
{
    return {static_cast<char>(letter & 0x1f)};
}

class Editor : public testing::Test {
protected:
    /// Opens `name`, which holds `content` unless that is "(none)", types `keys`, saves, leaves, and gives the file.
    std::string edited(const std::string& content, const std::string& keys)
    {
        if (content != "(none)") {
            folder.write("file", content);
        }
        TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
        EXPECT_TRUE(editor.shows("line 1/"));
        editor.type(keys);
        editor.type(control('s'));
        EXPECT_TRUE(editor.shows("Saved: "));
        editor.type(control('q'));
        EXPECT_EQ(editor.wait(), 0);
        EXPECT_EQ(editor.screen().unknown(), "");
        return folder.read("file");
    }

    TemporaryFolder folder;
};

TEST_F(Editor, TypesANewFile)
{
    EXPECT_EQ(edited("(none)", "hello" + kEnter + "world"), "hello\nworld");
}

TEST_F(Editor, InsertsAndErases)
{
    EXPECT_EQ(edited("one\ntwo\nthree\n", kDown + kEnd + "!" + kHome + ">"), "one\n>two!\nthree\n");
    EXPECT_EQ(edited("one\ntwo\n", kEnd + kBackspace + kBackspace), "o\ntwo\n");
    EXPECT_EQ(edited("one\ntwo\n", kDelete + kDelete + kEnd + kDelete), "etwo\n");
    EXPECT_EQ(edited("one\ntwo\n", kDown + kHome + kBackspace), "onetwo\n");
    EXPECT_EQ(edited("ab", kRight + kEnter), "a\nb");
    EXPECT_EQ(edited("a", kBackspace + kLeft + kUp + kPageUp), "a");
    EXPECT_EQ(edited("a", kEnd + kDelete + kRight + kDown + kPageDown + "\t."), "a\t.");
}

TEST_F(Editor, KeepsEveryByte)
{
    std::string all;
    for (int i = 0; i < 256; ++i) {
        all += static_cast<char>(i);
    }
    EXPECT_EQ(edited(all, "x"), "x" + all);
    EXPECT_EQ(edited("no end", "x"), "xno end") << "a last line without a newline stays one";
    EXPECT_EQ(edited("", "x"), "x");
    const std::string zeros(5000, '\0');
    EXPECT_EQ(edited(zeros, kEnd + "x"), zeros + "x");
}

TEST_F(Editor, KeepsCarriageReturns)
{
    EXPECT_EQ(edited("one\r\ntwo\r\n", kEnd + "!" + kEnter + "new"), "one!\r\nnew\r\ntwo\r\n");
    EXPECT_EQ(edited("one\r\ntwo\r\n", kEnd + kDelete), "onetwo\r\n");
    EXPECT_EQ(edited("one\r\ntwo\r\n", kDown + kHome + kBackspace), "onetwo\r\n");
    EXPECT_EQ(edited("a\r\nb\nc\rd\n", kEnd + kRight + kEnd + kRight + kRight + "x"), "a\r\nb\ncx\rd\n");
}

TEST_F(Editor, MovesOverCharacters)
{
    EXPECT_EQ(edited("\u00e4\u20ac\U0001F600x\n", kRight + kRight + kRight + "|"), "\u00e4\u20ac\U0001F600|x\n");
    EXPECT_EQ(edited("\u00e4\u20ac\n", kEnd + kBackspace), "\u00e4\n");
    EXPECT_EQ(edited("\u00e4\u20ac\n", kDelete), "\u20ac\n");
    EXPECT_EQ(edited("x\n", "\u00f6\u65e5"), "\u00f6\u65e5x\n");
    EXPECT_EQ(edited("\xff\xc3\n", kRight + "|" + kRight + "|"), "\xff|\xc3|\n");
}

TEST_F(Editor, KeepsTheColumnOverShortLines)
{
    EXPECT_EQ(edited("long line\nx\nlong line\n", kRight + kRight + kRight + kRight + kDown + kDown + "|"),
              "long line\nx\nlong| line\n");
    EXPECT_EQ(edited("\tx\nabcdefghijk\n", kRight + kDown + "|"), "\tx\nabcdefgh|ijk\n");
}

TEST_F(Editor, UndoesAndDoesAgain)
{
    const std::string undo = control('z'), redo = control('y');
    EXPECT_EQ(edited("text\n", "abc" + undo + "x"), "xtext\n");
    EXPECT_EQ(edited("text\n", "abc" + undo + redo), "abctext\n");
    EXPECT_EQ(edited("text\n", "abc" + kEnter + "def" + undo + undo), "abctext\n");
    EXPECT_EQ(edited("text\n", "abc" + kEnter + "def" + undo + undo + undo + redo + redo), "abc\ntext\n");
    EXPECT_EQ(edited("a\nb\nc\n", control('k') + kDown + control('k') + undo + undo + "x"), "a\nxb\nc\n")
        << "the cursor stands behind what came back";
    EXPECT_EQ(edited("text\n", kEnd + kBackspace + kBackspace + undo), "text\n");
    EXPECT_EQ(edited("text\n", undo + undo + redo + "x"), "xtext\n");
    std::string keys;
    for (int i = 0; i < 200; ++i) {
        keys += "w" + kRight + kLeft;
    }
    EXPECT_EQ(edited("a\n", keys + std::string(150, undo[0])), std::string(50, 'w') + "a\n");
}

TEST_F(Editor, CutsCopiesAndPastesLines)
{
    const std::string cut = control('k'), copy = control('c'), paste = control('v');
    EXPECT_EQ(edited("1\n2\n3\n4\n", cut + cut + kDown + paste), "3\n1\n2\n4\n");
    EXPECT_EQ(edited("1\n2\n", copy + kDown + paste + paste), "1\n1\n1\n2\n");
    EXPECT_EQ(edited("1\n2", kDown + cut + paste + paste), "1\n22");
    EXPECT_EQ(edited("1\n2\n3\n", cut + kDown + cut + paste), "2\n3\n") << "a cut elsewhere begins anew";
}

TEST_F(Editor, FindsAndReplaces)
{
    EXPECT_EQ(edited("one two three two\n", control('f') + "two" + kEnter + "|"), "one |two three two\n");
    EXPECT_EQ(edited("one two three two\n", control('f') + "two" + kEnter + control('n') + "|"),
              "one two three |two\n");
    EXPECT_EQ(edited("one two three two\n", control('f') + "two" + kEnter + control('p') + "|"),
              "one two three |two\n");
    EXPECT_EQ(edited("a\nb\n", control('f') + "nothing" + kEnter + "|"), "|a\nb\n");
    EXPECT_EQ(edited("aaa\n", control('f') + "a" + control('c') + "|"), "|aaa\n");
    EXPECT_EQ(edited("x y x y x\n", control('r') + "x" + kEnter + "long" + kEnter + "yna"), "long y x y long\n");
    EXPECT_EQ(edited("x x x\n", control('r') + "x" + kEnter + "xx" + kEnter + "a"), "xx xx xx\n");
    EXPECT_EQ(edited("x x x\n", control('r') + "x" + kEnter + "" + kEnter + "a" + control('z')), "x x x\n");
}

TEST_F(Editor, GoesToALine)
{
    EXPECT_EQ(edited("1\n2\n3\n", control('g') + "3" + kEnter + "|"), "1\n2\n|3\n");
    EXPECT_EQ(edited("1\n2\n3\n", control('g') + "99" + kEnter + "|"), "1\n2\n3\n|");
    EXPECT_EQ(edited("1\n2\n3\n", kDown + control('g') + "0" + kEnter + "|"), "1\n|2\n3\n");
    EXPECT_EQ(edited("1\n2\n3\n", "\x1b>|\x1b<|"), "|1\n2\n3\n|");
}

TEST_F(Editor, ShowsTheTextAndWhereItIs)
{
    folder.write("file", "first\n\ttabbed\n\xc3\xa4\xff\x01 end\r\n" + std::string(100, 'x') + "y\n");
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path(), 10, 40};
    ASSERT_TRUE(editor.shows("line 1/5, column 1"));
    EXPECT_EQ(editor.screen().row(0), "first");
    EXPECT_EQ(editor.screen().row(1), "        tabbed");
    EXPECT_EQ(editor.screen().row(2), "\u00e4<ff>^A end");
    EXPECT_EQ(editor.screen().row(3), std::string(40, 'x'));
    EXPECT_EQ(editor.screen().row(4), "");
    EXPECT_EQ(editor.screen().row(5), "~");
    EXPECT_EQ(editor.screen().row(8), " file  line 1/5, column 1");
    EXPECT_TRUE(editor.screen().is_inverse(8));
    editor.type(kDown + kDown + kDown + kEnd);
    ASSERT_TRUE(editor.shows("line 4/5, column 102"));
    editor.settle();
    EXPECT_EQ(editor.screen().cursor_row(), 3U);
    EXPECT_EQ(editor.screen().row(3).back(), 'y');
    editor.type(kHome);
    ASSERT_TRUE(editor.shows_row(0, "first"));
    editor.type(kUp + "!");
    ASSERT_TRUE(editor.shows(" file *"));
}

TEST_F(Editor, ScrollsAndDrawsOnlyWhatChanged)
{
    std::string content;
    for (int i = 1; i <= 1000; ++i) {
        content += "line number " + std::to_string(i) + "\n";
    }
    folder.write("file", content);
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path(), 24, 80};
    ASSERT_TRUE(editor.shows("line number 22"));
    for (int i = 0; i < 22; ++i) {
        editor.type(kDown);
    }
    ASSERT_TRUE(editor.shows_row(21, "line number 23"));
    EXPECT_EQ(editor.screen().row(0), "line number 2");
    editor.type(kPageDown);
    ASSERT_TRUE(editor.shows("line 44/1001"));
    editor.type(control('g') + "500" + kEnter);
    ASSERT_TRUE(editor.shows("line 500/1001"));
    editor.settle();
    const std::size_t before = editor.received();
    editor.type("x");
    ASSERT_TRUE(editor.shows("xline number 500"));
    editor.settle();
    EXPECT_LT(editor.received() - before, 250U) << "a letter redraws its line and the status";
}

TEST_F(Editor, FollowsTheWindow)
{
    folder.write("file", "text\n");
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path(), 24, 80};
    ASSERT_TRUE(editor.shows_row(22, " file  line 1/2, column 1"));
    editor.resize(10, 40);
    ASSERT_TRUE(editor.shows_row(8, " file  line 1/2, column 1"));
    EXPECT_EQ(editor.screen().row(0), "text");
    editor.resize(2, 10);
    editor.settle();
    editor.resize(1, 1);
    editor.settle();
    editor.type("x" + control('s') + control('q'));
    EXPECT_EQ(editor.wait(), 0);
    EXPECT_EQ(folder.read("file"), "xtext\n");
}

TEST_F(Editor, EditsALargeFile)
{
    std::string content;
    while (content.size() < 10'000'000) {
        content += "a line of a large file, number " + std::to_string(content.size()) + "\n";
    }
    EXPECT_EQ(edited(content, "begin " + control('g') + "100000" + kEnter + kUp + kPageDown + "\x1b> end"),
              "begin " + content + " end");
}

TEST_F(Editor, AsksBeforeChangesAreLost)
{
    folder.write("file", "old\n");
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(editor.shows("old"));
    editor.type("new " + control('q'));
    ASSERT_TRUE(editor.shows("Save them?"));
    editor.type("\x1b");
    ASSERT_TRUE(editor.shows("^S save"));
    editor.type(control('q') + "y");
    EXPECT_EQ(editor.wait(), 0);
    EXPECT_EQ(folder.read("file"), "new old\n");

    TerminalProgram other{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(other.shows("new old"));
    other.type("never " + control('q') + "n");
    EXPECT_EQ(other.wait(), 0);
    EXPECT_EQ(folder.read("file"), "new old\n");
    EXPECT_EQ(folder.read("file.save"), "(none)");
}

TEST_F(Editor, KeepsAReadOnlyFile)
{
    folder.write("file", "fixed\n");
    chmod(folder.path("file").c_str(), 0444);
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(editor.shows("[read-only]"));
    editor.type("x");
    ASSERT_TRUE(editor.shows("This file is read-only."));
    editor.type(control('o') + control('u') + "copy" + kEnter);
    ASSERT_TRUE(editor.shows("Saved: 6 bytes."));
    editor.type("x" + control('s') + control('q'));
    EXPECT_EQ(editor.wait(), 0);
    EXPECT_EQ(folder.read("file"), "fixed\n");
    EXPECT_EQ(folder.read("copy"), "xfixed\n");
}

TEST_F(Editor, KeepsPermissionsAndLinks)
{
    folder.write("target", "x\n");
    chmod(folder.path("target").c_str(), 0750);
    std::filesystem::create_symlink("target", folder.path("file"));
    EXPECT_EQ(edited("(none)", "y"), "yx\n");
    EXPECT_TRUE(std::filesystem::is_symlink(folder.path("file")));
    EXPECT_EQ(std::filesystem::status(folder.path("target")).permissions(), std::filesystem::perms{0750});
}

TEST_F(Editor, KeepsTheFileWhenItCannotBeSavedElsewhere)
{
    folder.write("file", "x\n");
    chmod(folder.path("file").c_str(), 0750);
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(editor.shows("line 1/"));
    editor.type("y" + control('o') + control('u') + "nowhere/file" + kEnter);
    ASSERT_TRUE(editor.shows("cannot save: No such file or directory. The text is here still."));
    editor.type(control('s'));
    ASSERT_TRUE(editor.shows("Saved: "));
    editor.type(control('q'));
    EXPECT_EQ(editor.wait(), 0);
    EXPECT_EQ(folder.read("file"), "yx\n");
    EXPECT_EQ(std::filesystem::status(folder.path("file")).permissions(), std::filesystem::perms{0750});
}

TEST_F(Editor, KeepsThePermissionsOfAFileThatItSavesOver)
{
    folder.write("file", "x\n");
    folder.write("other", "old\n");
    chmod(folder.path("other").c_str(), 0750);
    constexpr uid_t kOther = 12345;
    const bool given = chown(folder.path("other").c_str(), kOther, kOther) == 0; // none but root may
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(editor.shows("line 1/"));
    editor.type(control('o') + control('u') + "other" + kEnter);
    ASSERT_TRUE(editor.shows("There is such a file. Overwrite it?"));
    editor.type("y");
    ASSERT_TRUE(editor.shows("Saved: "));
    editor.type(control('q'));
    EXPECT_EQ(editor.wait(), 0);
    EXPECT_EQ(folder.read("other"), "x\n");
    struct stat status{};
    ASSERT_EQ(stat(folder.path("other").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0750U);
    EXPECT_EQ(status.st_uid, given ? kOther : getuid());
}

TEST_F(Editor, SavesOverRegularFilesAlone)
{
    folder.write("file", "x\n");
    ASSERT_EQ(mkfifo(folder.path("fifo").c_str(), 0600), 0);
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(editor.shows("line 1/"));
    editor.type(control('o') + control('u') + "fifo" + kEnter);
    ASSERT_TRUE(editor.shows("Overwrite it?"));
    editor.type("y");
    ASSERT_TRUE(editor.shows("fifo: this is no regular file. The text is here still."));
    ASSERT_EQ(unlink(folder.path("file").c_str()), 0);
    ASSERT_EQ(mkfifo(folder.path("file").c_str(), 0600), 0);
    editor.type("y" + control('s'));
    ASSERT_TRUE(editor.shows("Overwrite it?"));
    editor.type("y");
    ASSERT_TRUE(editor.shows("\nfile: this is no regular file. The text is here still."));
    editor.type(control('q') + "n");
    EXPECT_EQ(editor.wait(), 0);
    for (const char* const name : {"fifo", "file"}) {
        EXPECT_TRUE(std::filesystem::is_fifo(folder.path(name))) << name;
    }
}

TEST_F(Editor, TellsOfOthersChanges)
{
    folder.write("file", "old\n");
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(editor.shows("old"));
    folder.write("file", "of somebody else\n");
    editor.type("x" + control('s'));
    ASSERT_TRUE(editor.shows("Somebody else has changed the file."));
    editor.type("n");
    ASSERT_TRUE(editor.shows("It was not saved."));
    EXPECT_EQ(folder.read("file"), "of somebody else\n");
    editor.type(control('s') + "y");
    ASSERT_TRUE(editor.shows("Saved: "));
    EXPECT_EQ(folder.read("file"), "xold\n");
}

/// A limit on the size of files stands for a full disk: write(2) stops short and then fails.
TEST_F(Editor, LosesNothingWhenTheDiskIsFull)
{
    const std::string old(3000, 'o');
    folder.write("file", old + "\n");
    TerminalProgram editor{{"/bin/sh", "-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" file", AETHEL_EDITOR},
                           folder.path()};
    ASSERT_TRUE(editor.shows("ooo"));
    editor.type(control('c') + control('v') + control('v') + control('s'));
    ASSERT_TRUE(editor.shows("cannot save: File too large. The text is here still."));
    EXPECT_EQ(folder.read("file"), old + "\n");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder.path()}, {}), 1) << "no half file stays";
    editor.type(control('z') + control('z') + kDelete + control('s'));
    ASSERT_TRUE(editor.shows("Saved: 3000 bytes."));
    editor.type(control('q'));
    EXPECT_EQ(editor.wait(), 0);
    EXPECT_EQ(folder.read("file"), old.substr(1) + "\n");
}

TEST_F(Editor, LosesNothingWhenThereIsNoMemory)
{
    const std::string line(4'000'000, 'l');
    folder.write("file", line + "\n");
    TerminalProgram editor{{"/bin/sh", "-c", "ulimit -v 40000; exec \"$0\" file", AETHEL_EDITOR}, folder.path()};
    ASSERT_TRUE(editor.shows("line 1/2"));
    editor.type(control('c') + control('v'));
    ASSERT_TRUE(editor.shows("line 2/3"));
    for (int i = 0; i < 8; ++i) {
        editor.type(control('v'));
        editor.settle();
    }
    ASSERT_TRUE(editor.shows("There is no memory left for this: nothing was changed."));
    editor.type("\x1b<x" + control('s'));
    ASSERT_TRUE(editor.shows("Saved: "));
    editor.type(control('q'));
    EXPECT_EQ(editor.wait(), 0);
    const std::string saved = folder.read("file");
    ASSERT_GE(saved.size(), 2 * (line.size() + 1) + 1);
    EXPECT_EQ((saved.size() - 1) % (line.size() + 1), 0U) << "whole lines";
    EXPECT_EQ(saved.substr(0, 10), "xlllllllll");
}

TEST_F(Editor, SavesAsideWhenTheTerminalGoes)
{
    folder.write("file", "old\n");
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(editor.shows("old"));
    editor.type("unsaved ");
    ASSERT_TRUE(editor.shows("unsaved old"));
    editor.hang_up();
    EXPECT_NE(editor.wait(), 0);
    EXPECT_EQ(folder.read("file"), "old\n");
    EXPECT_EQ(folder.read("file.save"), "unsaved old\n");
}

TEST_F(Editor, SavesAsideWhenItIsToEnd)
{
    folder.write("file", "old\n");
    folder.write("file.save", "from before\n");
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(editor.shows("old"));
    editor.type("unsaved " + control('f') + "in a prompt");
    ASSERT_TRUE(editor.shows("in a prompt"));
    editor.signal(SIGTERM);
    EXPECT_EQ(editor.wait(), 1 << 8);
    EXPECT_EQ(folder.read("file"), "old\n");
    EXPECT_EQ(folder.read("file.save"), "from before\n");
    EXPECT_EQ(folder.read("file.save.1"), "unsaved old\n");
}

TEST_F(Editor, SavesNothingAsideWhenNothingIsUnsaved)
{
    folder.write("file", "old\n");
    TerminalProgram editor{{AETHEL_EDITOR, "file"}, folder.path()};
    ASSERT_TRUE(editor.shows("old"));
    editor.type("x" + kBackspace + control('z') + control('z'));
    editor.type("y" + control('s'));
    ASSERT_TRUE(editor.shows("Saved: "));
    editor.signal(SIGHUP);
    EXPECT_EQ(editor.wait(), 1 << 8);
    EXPECT_EQ(folder.read("file.save"), "(none)");
}

TEST_F(Editor, RefusesWhatItCannotEdit)
{
    TerminalProgram folder_itself{{AETHEL_EDITOR, "."}, folder.path()};
    EXPECT_EQ(folder_itself.wait(), 1 << 8);
    EXPECT_THAT(folder_itself.screen().text(), HasSubstr("no regular file"));
    TerminalProgram two{{AETHEL_EDITOR, "a", "b"}, folder.path()};
    EXPECT_EQ(two.wait(), 2 << 8);
    EXPECT_EQ(system(AETHEL_EDITOR " </dev/null >/dev/null 2>&1"), 1 << 8);
}

} // namespace
