// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/changed_folders.hpp"

#include <gtest/gtest.h>

namespace trueup::reconcile {
namespace {

using model::EntryKind;
using model::TreeEntry;

// Directories by their object ids.
class Objects final : public model::Tree {
public:
    std::map<std::string, std::vector<TreeEntry>, std::less<>> directories;

    Result<TreeEntry> stat(std::string_view /*path*/) const override { return none(); }
    Result<std::vector<TreeEntry>> list(std::string_view /*path*/) const override { return none(); }
    Result<std::string> read(std::string_view /*path*/, std::size_t /*limit*/) const override {
        return none();
    }
    Result<std::vector<TreeEntry>> list_object(std::string_view id) const override {
        const auto found = directories.find(id);
        if (found == directories.end()) return none();
        return found->second;
    }

private:
    static Error none() { return {Errc::not_found, "not here"}; }
};

TreeEntry file(const std::string& name, const std::string& id) {
    return {name, EntryKind::file, id};
}
TreeEntry folder(const std::string& name, const std::string& id) {
    return {name, EntryKind::directory, id};
}

TEST(ChangedFolders, name_the_first_file) {
    Objects tree;
    tree.directories = {
        {"old", {file("a", "1"), folder("b", "b-old"), file("c", "1")}},
        {"b-old", {file("x", "1"), file("y", "1")}},
        {"changed", {file("a", "1"), folder("b", "b-new"), file("c", "2")}},
        {"b-new", {file("x", "1"), file("y", "2")}},
        {"gone", {file("a", "1"), file("c", "1")}},
        {"first gone", {folder("b", "b-old"), file("c", "1")}},
        {"more", {file("a", "1"), file("aa", "1"), folder("b", "b-old"), file("c", "1")}},
        {"at the end", {file("a", "1"), folder("b", "b-old"), file("c", "1"), file("d", "1")}},
        {"a file now", {file("a", "1"), file("b", "1"), file("c", "1")}},
        {"executable", {{"a", EntryKind::executable, "1"}, folder("b", "b-old"), file("c", "1")}},
        {"unread", {file("a", "1"), folder("b", "lost"), file("c", "1")}}};
    EXPECT_EQ(first_difference(tree, "old", "changed"), "b/y");
    EXPECT_EQ(first_difference(tree, "old", "gone"), "b");
    EXPECT_EQ(first_difference(tree, "old", "first gone"), "a");
    EXPECT_EQ(first_difference(tree, "old", "more"), "aa");
    EXPECT_EQ(first_difference(tree, "old", "at the end"), "d");
    EXPECT_EQ(first_difference(tree, "at the end", "old"), "d");
    EXPECT_EQ(first_difference(tree, "old", "a file now"), "b");
    EXPECT_EQ(first_difference(tree, "old", "executable"), "a");
    EXPECT_EQ(first_difference(tree, "old", "unread"), "b") << "at least the folder in it";
    EXPECT_EQ(first_difference(tree, "old", "old"), "");
    EXPECT_EQ(first_difference(tree, "old", "lost"), "");
    EXPECT_EQ(first_difference(tree, "lost", "old"), "");
}

// Of a hostile repository: no object can hold itself, but nobody checks that here.
TEST(ChangedFolders, end_in_the_depth) {
    Objects tree;
    tree.directories = {{"one", {folder("f", "two")}}, {"two", {folder("f", "one")}}};
    EXPECT_TRUE(first_difference(tree, "one", "two").starts_with("f/f/"));
}

}    // namespace
}    // namespace trueup::reconcile
