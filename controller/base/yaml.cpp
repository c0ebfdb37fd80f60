// SPDX-License-Identifier: Apache-2.0
// The parser's events build the tree on a stack of open collections. An alias copies the finished
// node of its anchor, which counts against the node limit, so a bomb ends early; an alias inside
// its own anchor has no finished node and is refused. Merge keys are applied when a mapping ends.
#include "controller/base/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "controller/base/yaml_text.hpp"

namespace trueup::base::yaml {
namespace {

// Leaves the parser from inside an event; never leaves parse().
struct Stop {
    Problem problem;
};

struct Size {
    std::size_t nodes = 0;
    std::size_t bytes = 0;    // of texts and keys
};

Size& operator+=(Size& size, const Size& more) {
    size.nodes += more.nodes;
    size.bytes += more.bytes;
    return size;
}

Size size_of(const Node& node) {
    Size size{1, node.text.size()};
    for (const Node& item : node.items) size += size_of(item);
    for (const Entry& entry : node.entries) {
        size.bytes += entry.key.size();
        size += size_of(entry.value);
    }
    return size;
}

class Builder final : public YAML::EventHandler {
public:
    Builder(std::string_view text, std::shared_ptr<const std::string> file, const Limits& limits)
        : text_(text), file_(std::move(file)), limits_(limits) {}

    std::vector<Node> documents;
    Problems problems;

    void OnDocumentStart(const YAML::Mark&) override {
        anchors_.clear();
        root_.reset();
    }

    void OnDocumentEnd() override {
        if (root_) documents.push_back(std::move(*root_));
        root_.reset();
    }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        finish(make(Kind::null, mark), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end())
            stop(mark, "this alias refers to the collection it stands in", "remove the cycle");
        count(found->second.second, mark);
        Node copy = found->second.first;
        // Where it is used is what a person looks for; what is inside keeps its own place.
        copy.line = line_of(mark);
        copy.column = column_of(mark);
        finish(std::move(copy), 0);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        if (!is_closed(mark)) stop(mark, "this quote is never closed", "close it");
        Node node = make(Kind::scalar, mark);
        node.quoted = tag == "!";
        set_tag(node, tag);
        node.text = value;
        finish(std::move(node), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(Kind::sequence, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(Kind::mapping, mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node node;
        YAML::anchor_t anchor = 0;
        std::optional<Node> key;                       // waits for its value
        std::vector<Node> merged;                      // values of <<
        std::map<std::string, std::uint32_t> lines;    // of the keys seen
    };

    // yaml-cpp takes the end of the file for a closing quote.
    bool is_closed(const YAML::Mark& mark) const {
        const auto start = static_cast<std::size_t>(mark.pos);
        if (mark.pos < 0 || start >= text_.size()) return true;
        const char quote = text_[start];
        if (quote != '"' && quote != '\'') return true;
        for (std::size_t at = start + 1; at < text_.size(); ++at) {
            if (quote == '"' && text_[at] == '\\')
                ++at;
            else if (text_[at] == quote)
                return true;
        }
        return false;
    }

    static std::uint32_t line_of(const YAML::Mark& mark) {
        return static_cast<std::uint32_t>(mark.line + 1);
    }
    static std::uint32_t column_of(const YAML::Mark& mark) {
        return static_cast<std::uint32_t>(mark.column + 1);
    }

    [[noreturn]] void stop(const YAML::Mark& mark, std::string message, std::string advice) const {
        throw Stop{Problem{Position{*file_, line_of(mark), column_of(mark)}, std::move(message),
                           std::move(advice)}};
    }

    void count(const Size& size, const YAML::Mark& mark) {
        constexpr std::string_view advice =
            "a file of this kind needs far fewer; split it, or remove nested aliases";
        total_ += size;
        if (total_.nodes > limits_.nodes)
            stop(mark, fmt::format("more than {} values once aliases are expanded", limits_.nodes),
                 std::string(advice));
        if (total_.bytes > 4 * limits_.bytes)
            stop(mark,
                 fmt::format("more than {} bytes once aliases are expanded", 4 * limits_.bytes),
                 std::string(advice));
    }

    static void set_tag(Node& node, const std::string& tag) {
        if (tag != "!" && tag != "?") node.tag = tag;
    }

    Node make(Kind kind, const YAML::Mark& mark) {
        count(Size{1, 0}, mark);
        Node node;
        node.kind = kind;
        node.file = file_;
        node.line = line_of(mark);
        node.column = column_of(mark);
        return node;
    }

    void open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        if (stack_.size() >= limits_.depth) {
            stop(mark, fmt::format("nested more than {} levels deep", limits_.depth), "flatten it");
        }
        Open collection;
        collection.node = make(kind, mark);
        set_tag(collection.node, tag);
        collection.anchor = anchor;
        stack_.push_back(std::move(collection));
    }

    void close() {
        Open collection = std::move(stack_.back());
        stack_.pop_back();
        for (const Node& source : collection.merged) merge(collection, source);
        finish(std::move(collection.node), collection.anchor);
    }

    void finish(Node node, YAML::anchor_t anchor) {
        if (anchor != 0) {
            // The copy that is kept counts: anchors within anchors keep many.
            const Size size = size_of(node);
            YAML::Mark mark;
            mark.line = static_cast<int>(node.line) - 1;
            mark.column = static_cast<int>(node.column) - 1;
            count(size, mark);
            anchors_.insert_or_assign(anchor, std::make_pair(node, size));
        }
        if (stack_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = stack_.back();
        if (parent.node.kind == Kind::sequence) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key) {
            parent.key = std::move(node);
        } else {
            const Node key = std::move(*parent.key);
            parent.key.reset();
            add_entry(parent, key, std::move(node));
        }
    }

    void add_entry(Open& parent, const Node& key, Node value) {
        if (!key.is_scalar()) {
            problems.push_back({key.position(),
                                fmt::format("a key must be a string, this is {}", key.describe()),
                                ""});
            return;
        }
        if (key.text == "<<" && !key.quoted) {
            add_merge(parent, key, std::move(value));
            return;
        }
        const auto [seen, is_new] = parent.lines.emplace(key.text, key.line);
        if (!is_new) {
            problems.push_back(
                {key.position(),
                 fmt::format("'{}' is given twice, first in line {}", key.text, seen->second),
                 "keep one"});
            return;
        }
        Entry entry;
        entry.key = key.text;
        entry.quoted = key.quoted;
        entry.line = key.line;
        entry.column = key.column;
        // The parser sees an empty value where the next token starts.
        if (value.is_null() && value.line != key.line) {
            value.line = key.line;
            value.column = key.column;
        }
        entry.value = std::move(value);
        parent.node.entries.push_back(std::move(entry));
    }

    void add_merge(Open& parent, const Node& key, Node value) {
        const bool list_of_mappings =
            value.is_sequence() && std::all_of(value.items.begin(), value.items.end(),
                                               [](const Node& item) { return item.is_mapping(); });
        if (value.is_mapping()) {
            parent.merged.push_back(std::move(value));
        } else if (list_of_mappings) {
            for (Node& item : value.items) parent.merged.push_back(std::move(item));
        } else {
            problems.push_back({key.position(),
                                fmt::format("'<<' takes a mapping or a list of mappings, not {}",
                                            value.describe()),
                                ""});
        }
    }

    // Own keys win over merged ones, earlier merges over later ones (YAML 1.1 merge key).
    static void merge(Open& collection, const Node& source) {
        for (const Entry& entry : source.entries) {
            if (collection.lines.emplace(entry.key, entry.line).second)
                collection.node.entries.push_back(entry);
        }
    }

    std::string_view text_;
    std::shared_ptr<const std::string> file_;
    const Limits& limits_;
    std::vector<Open> stack_;
    std::map<YAML::anchor_t, std::pair<Node, Size>> anchors_;
    std::optional<Node> root_;
    Size total_;
};

Problem syntax_problem(const YAML::Exception& exception, std::string_view text,
                       const std::string& file) {
    const auto line = static_cast<std::uint32_t>(exception.mark.line + 1);
    if (const auto tab = find_tab(text, line, file)) {
        return Problem{*tab, "a tab is used for indentation, which YAML forbids",
                       "indent with spaces"};
    }
    Position position{file, line, static_cast<std::uint32_t>(exception.mark.column + 1)};
    return Problem{std::move(position), "this is not valid YAML: " + exception.msg, ""};
}

}    // namespace

Position Node::position() const { return Position{file ? *file : std::string(), line, column}; }

const Node* Node::find(std::string_view key) const {
    for (const Entry& entry : entries) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

std::string_view Node::describe() const {
    switch (kind) {
        case Kind::null: return "nothing";
        case Kind::scalar: return quoted ? "a string" : "a single value";
        case Kind::sequence: return "a list";
        case Kind::mapping: return "a mapping";
    }
    return "nothing";
}

bool operator==(const Node& left, const Node& right) {
    return left.kind == right.kind && left.quoted == right.quoted && left.tag == right.tag &&
           left.text == right.text && left.items == right.items && left.entries == right.entries;
}

bool operator==(const Entry& left, const Entry& right) {
    return left.key == right.key && left.value == right.value;
}

Result<std::vector<Node>> parse(std::string_view text, const std::string& file,
                                const Limits& limits) {
    if (auto problem = check_text(text, file, limits)) return Error(Problems{std::move(*problem)});
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    Builder builder(text, std::make_shared<const std::string>(file), limits);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (Stop& stop) {
        builder.problems.push_back(std::move(stop.problem));
    } catch (const YAML::Exception& exception) {
        builder.problems.push_back(syntax_problem(exception, text, file));
    }
    const std::size_t announced = announced_documents(text);
    if (builder.problems.empty() && builder.documents.size() > announced) {
        const Position where = builder.documents[announced].position();
        builder.problems.push_back({where, "this does not belong to what stands before it",
                                    "check the indentation, or start a new document with '---'"});
    }
    if (!builder.problems.empty()) {
        std::sort(builder.problems.begin(), builder.problems.end());
        return Error(std::move(builder.problems));
    }
    return std::move(builder.documents);
}

}    // namespace trueup::base::yaml
