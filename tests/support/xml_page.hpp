#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <libxml/parser.h>
#include <libxml/xpath.h>

namespace nnrec::testing {

/// A text that has to be well-formed XML, and what XPath finds in it. Elements are found by
/// local-name(), as `h:` has no meaning here: node("h1") makes such a path.
class XmlPage {
 public:
  /// Throws std::runtime_error with the parser's reason where the text is not well-formed.
  explicit XmlPage(const std::string& text)
      : document_(xmlReadMemory(
                      text.data(), static_cast<int>(text.size()), "page", "UTF-8",
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE),
                  xmlFreeDoc) {
    if (document_) return;
    const auto* error = xmlGetLastError();
    throw std::runtime_error(error == nullptr ? "no XML" : error->message);
  }

  /// "//*[local-name()='h1']".
  static std::string node(const std::string& name) { return "//*[local-name()='" + name + "']"; }

  /// The texts (of attributes: values) of what a path finds.
  std::vector<std::string> texts(const std::string& path) const {
    const std::unique_ptr<xmlXPathContext, decltype(&xmlXPathFreeContext)> context(
        xmlXPathNewContext(document_.get()), xmlXPathFreeContext);
    const std::unique_ptr<xmlXPathObject, decltype(&xmlXPathFreeObject)> found(
        xmlXPathEvalExpression(bytes(path), context.get()), xmlXPathFreeObject);
    if (!found) throw std::runtime_error("no path: " + path);
    std::vector<std::string> all;
    const xmlNodeSet* nodes = found->nodesetval;
    for (int i = 0; nodes != nullptr && i < nodes->nodeNr; ++i) {
      const std::unique_ptr<xmlChar, void (*)(void*)> content(xmlNodeGetContent(nodes->nodeTab[i]),
                                                              xmlFree);
      all.emplace_back(reinterpret_cast<const char*>(content.get()));
    }
    return all;
  }
  std::size_t count(const std::string& path) const { return texts(path).size(); }

  /// The cells of the row that `name` begins, in the table of this id; empty: no such row.
  std::vector<std::string> row(const std::string& table, const std::string& name) const {
    return texts("//*[@id='" + table + "']" + node("tr") + "[*[1]='" + name + "']/*[position()>1]");
  }

 private:
  static const xmlChar* bytes(const std::string& text) {
    return reinterpret_cast<const xmlChar*>(text.c_str());
  }

  std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document_;
};

}  // namespace nnrec::testing
