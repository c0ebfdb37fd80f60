// SPDX-License-Identifier: Apache-2.0
// libyaml's events (of the parser that docker compose's own is a port of) build the tree on a stack of
// open collections. An alias copies the finished
// node of its anchor, which counts against the node limit, so a bomb ends early; an alias inside
// its own anchor has no finished node and is refused. Merge keys are applied when a mapping ends.
#include "controller/base/yaml.hpp"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
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

std::string text_of(const yaml_char_t* text) {
    return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
}

bool is_null_text(std::string_view text) {
    constexpr std::array<std::string_view, 5> words{"", "~", "null", "Null", "NULL"};
    return std::find(words.begin(), words.end(), text) != words.end();
}

class Builder {
public:
    Builder(std::shared_ptr<const std::string> file, const Limits& limits)
        : file_(std::move(file)), limits_(limits) {}

    std::vector<Node> documents;
    Problems problems;

    // False at the end of the text.
    bool take(const yaml_event_t& event) {
        const yaml_mark_t& mark = event.start_mark;
        switch (event.type) {
            case YAML_NO_EVENT:
            case YAML_STREAM_END_EVENT: return false;
            case YAML_STREAM_START_EVENT: break;
            case YAML_DOCUMENT_START_EVENT:
                anchors_.clear();
                root_.reset();
                break;
            case YAML_DOCUMENT_END_EVENT:
                if (root_) documents.push_back(std::move(*root_));
                root_.reset();
                break;
            case YAML_ALIAS_EVENT: alias(mark, text_of(event.data.alias.anchor)); break;
            case YAML_SCALAR_EVENT: scalar(event); break;
            case YAML_SEQUENCE_START_EVENT:
                open(Kind::sequence, mark, text_of(event.data.sequence_start.tag),
                     text_of(event.data.sequence_start.anchor));
                break;
            case YAML_MAPPING_START_EVENT:
                open(Kind::mapping, mark, text_of(event.data.mapping_start.tag),
                     text_of(event.data.mapping_start.anchor));
                break;
            case YAML_SEQUENCE_END_EVENT:
            case YAML_MAPPING_END_EVENT: close(); break;
        }
        return true;
    }

private:
    struct Open {
        Node node;
        std::string anchor;                            // "" = none
        std::optional<Node> key;                       // waits for its value
        std::vector<Node> merged;                      // values of <<
        std::map<std::string, std::uint32_t> lines;    // of the keys seen
    };

    void alias(const yaml_mark_t& mark, const std::string& anchor) {
        const bool is_open = std::any_of(stack_.begin(), stack_.end(), [&](const Open& collection) {
            return collection.anchor == anchor;
        });
        if (is_open)
            stop(mark, "this alias refers to the collection it stands in", "remove the cycle");
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end())
            stop(mark, fmt::format("there is no anchor '&{}' before this alias", anchor), "");
        count(found->second.second, mark);
        Node copy = found->second.first;
        // Where it is used is what a person looks for; what is inside keeps its own place.
        copy.line = line_of(mark);
        copy.column = column_of(mark);
        finish(std::move(copy), {});
    }

    void scalar(const yaml_event_t& event) {
        const auto& found = event.data.scalar;
        const std::string tag = text_of(found.tag);
        const bool plain = found.style == YAML_PLAIN_SCALAR_STYLE;
        std::string text(reinterpret_cast<const char*>(found.value), found.length);
        const bool null = plain && tag.empty() && is_null_text(text);
        Node node = make(null ? Kind::null : Kind::scalar, event.start_mark);
        node.quoted = !plain || tag == "!";
        set_tag(node, tag);
        if (!null) node.text = std::move(text);
        // Nothing is there at all.
        missing_ = null && event.start_mark.index == event.end_mark.index;
        finish(std::move(node), text_of(found.anchor));
        missing_ = false;
    }

    static std::uint32_t line_of(const yaml_mark_t& mark) {
        return static_cast<std::uint32_t>(mark.line + 1);
    }
    static std::uint32_t column_of(const yaml_mark_t& mark) {
        return static_cast<std::uint32_t>(mark.column + 1);
    }

    [[noreturn]] void stop(const yaml_mark_t& mark, std::string message, std::string advice) const {
        throw Stop{Problem{Position{*file_, line_of(mark), column_of(mark)}, std::move(message),
                           std::move(advice)}};
    }

    void count(const Size& size, const yaml_mark_t& mark) {
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
        if (tag != "!") node.tag = tag;
    }

    Node make(Kind kind, const yaml_mark_t& mark) {
        count(Size{1, 0}, mark);
        Node node;
        node.kind = kind;
        node.file = file_;
        node.line = line_of(mark);
        node.column = column_of(mark);
        return node;
    }

    void open(Kind kind, const yaml_mark_t& mark, const std::string& tag, std::string anchor) {
        if (stack_.size() >= limits_.depth) {
            stop(mark, fmt::format("nested more than {} levels deep", limits_.depth), "flatten it");
        }
        Open collection;
        collection.node = make(kind, mark);
        set_tag(collection.node, tag);
        collection.anchor = std::move(anchor);
        stack_.push_back(std::move(collection));
    }

    void close() {
        Open collection = std::move(stack_.back());
        stack_.pop_back();
        for (const Node& source : collection.merged) merge(collection, source);
        finish(std::move(collection.node), collection.anchor);
    }

    void finish(Node node, const std::string& anchor) {
        if (!anchor.empty()) {
            // The copy that is kept counts: anchors within anchors keep many.
            const Size size = size_of(node);
            yaml_mark_t mark{};
            mark.line = node.line - 1;
            mark.column = node.column - 1;
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
        if (missing_) {
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

    std::shared_ptr<const std::string> file_;
    const Limits& limits_;
    std::vector<Open> stack_;
    std::map<std::string, std::pair<Node, Size>> anchors_;
    std::optional<Node> root_;
    bool missing_ = false;    // the scalar at hand is only where one could be
    Size total_;
};

// Owns a parser over a text that outlives it.
class Events {
public:
    explicit Events(std::string_view text) {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        if (text.data() == nullptr) text = "";    // it insists on a place
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size());
    }
    ~Events() {
        yaml_event_delete(&event_);
        yaml_parser_delete(&parser_);
    }
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    // nullptr: the text is not YAML. Holds until the next call.
    const yaml_event_t* next() {
        yaml_event_delete(&event_);
        return yaml_parser_parse(&parser_, &event_) == 0 ? nullptr : &event_;
    }
    const yaml_parser_t& parser() const { return parser_; }

private:
    yaml_parser_t parser_{};
    yaml_event_t event_{};
};

// libyaml names two places: what it was reading, and where it could not go on.
Problem syntax_problem(const yaml_parser_t& parser, std::string_view text,
                       const std::string& file) {
    const std::string problem = parser.problem == nullptr ? "" : parser.problem;
    const std::string context = parser.context == nullptr ? "" : parser.context;
    const auto place = [&](const yaml_mark_t& mark) {
        return Position{file, static_cast<std::uint32_t>(mark.line + 1),
                        static_cast<std::uint32_t>(mark.column + 1)};
    };
    const Position where = place(parser.problem_mark);
    if (const auto tab = find_tab(text, where.line, file)) {
        return Problem{*tab, "a tab is used for indentation, which YAML forbids",
                       "indent with spaces"};
    }
    if (problem.find("unexpected end of stream") != std::string::npos &&
        context.find("quoted scalar") != std::string::npos)
        return Problem{place(parser.context_mark), "this quote is never closed", "close it"};
    if (problem.find("expected <document start>") != std::string::npos) {
        return Problem{where, "this does not belong to what stands before it",
                       "check the indentation, or start a new document with '---'"};
    }
    const std::string during = context.empty() ? ""
                                               : fmt::format(" {} that begins in line {}", context,
                                                             parser.context_mark.line + 1);
    return Problem{where, "this is not valid YAML: " + problem + during, ""};
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
    Builder builder(std::make_shared<const std::string>(file), limits);
    Events events(text);
    try {
        for (;;) {
            const yaml_event_t* event = events.next();
            if (event == nullptr)
                builder.problems.push_back(syntax_problem(events.parser(), text, file));
            if (event == nullptr || !builder.take(*event)) break;
        }
    } catch (Stop& stop) {
        builder.problems.push_back(std::move(stop.problem));
    }
    if (!builder.problems.empty()) {
        std::sort(builder.problems.begin(), builder.problems.end());
        return Error(std::move(builder.problems));
    }
    return std::move(builder.documents);
}

}    // namespace trueup::base::yaml
