#include <algorithm>
#include <array>
#include <string_view>

#include "nnrec/base/error.hpp"
#include "nnrec/import/file_view.hpp"

namespace nnrec::importing {
namespace {
using namespace std::string_view_literals;

/// A kind of file that people have and that holds no ratings as text: how it begins, what it is,
/// and the one thing to do.
struct OtherKind {
  std::string_view magic;
  const char* name;
  const char* remedy;
};

constexpr const char* kFromParquet =
    "Convert it: python3 -c \"import pandas; pandas.read_parquet('FILE').to_csv('ratings.csv', "
    "index=False)\"";
constexpr const char* kFromOrc =
    "Convert it: python3 -c \"import pandas; pandas.read_orc('FILE').to_csv('ratings.csv', "
    "index=False)\"";
constexpr const char* kFromSheet =
    "Save the sheet as CSV in UTF-8, or: python3 -c \"import pandas; "
    "pandas.read_excel('FILE').to_csv('ratings.csv', index=False)\"";
constexpr const char* kFromFeather =
    "Convert it: python3 -c \"import pandas; pandas.read_feather('FILE').to_csv('ratings.csv', "
    "index=False)\"";
constexpr const char* kFromPickle =
    "Convert it where it was made: pandas.read_pickle('FILE').to_csv('ratings.csv', index=False)";
constexpr const char* kFromNumpy =
    "Convert it: python3 -c \"import numpy; numpy.savetxt('ratings.csv', numpy.load('FILE'), "
    "delimiter=',', fmt='%.10g')\"";
constexpr const char* kFromColumns =
    "Convert it, if its arrays are columns of one length: python3 -c \"import numpy, pandas; "
    "pandas.DataFrame(dict(numpy.load('FILE'))).to_csv('ratings.csv', index=False)\"";
constexpr const char* kFromSparse =
    "Convert it: python3 -c \"import scipy.io, scipy.sparse; "
    "scipy.io.mmwrite('ratings.mtx', scipy.sparse.load_npz('FILE'))\"";
constexpr const char* kFromR =
    "Convert it in R: write.csv(ratings, 'ratings.csv', row.names=FALSE)";
constexpr const char* kFromArff = "Take the lines up to @data away";
constexpr const char* kFromSql =
    "Load it into a database and export the table of ratings as CSV with a header";
constexpr const char* kFromWeb = "Was it downloaded by a login page? Download the data file itself";
constexpr const char* kUnpack = "Unpack it first";

constexpr std::array<OtherKind, 38> kKinds{{
    {"PAR1", "a Parquet file", kFromParquet},
    {"ORC", "an ORC file", kFromOrc},
    {"Obj\x01", "an Avro file", "Convert it to CSV or JSON lines"},
    {"ARROW1", "an Arrow (Feather) file", kFromFeather},
    {"FEA1", "a Feather file", kFromFeather},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old spreadsheet (.xls)", kFromSheet},
    {"SQLite format 3", "an SQLite database",
     "Export the table: sqlite3 -header -csv FILE 'select * from ratings' > ratings.csv"},
    {"\x93NUMPY", "a NumPy array", kFromNumpy},
    {"\x80\x02", "a Python pickle", kFromPickle},
    {"\x80\x03", "a Python pickle", kFromPickle},
    {"\x80\x04", "a Python pickle", kFromPickle},
    {"\x80\x05", "a Python pickle", kFromPickle},
    {"MATLAB 5.0 MAT-file", "a MATLAB file before version 7.3",
     "Save it again as version 7.3: save('ratings.mat', '-v7.3')"},
    {"RDX2\n", "an R data file", kFromR},
    {"RDX3\n", "an R data file", kFromR},
    {"X\n\0\0\0"sv, "an R object", kFromR},
    {"%PDF-", "a PDF document", "Ask for the ratings as CSV"},
    {"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", kUnpack},
    {"Rar!", "a RAR archive", kUnpack},
    {"PK\x03\x04", "an archive within an archive", kUnpack},
    {"\x1F\x8B", "compressed within an archive", kUnpack},
    {"\x28\xB5\x2F\xFD", "compressed within an archive", kUnpack},
    {"BZh", "compressed within an archive", kUnpack},
    {"\xFD"
     "7zXZ",
     "compressed within an archive", kUnpack},
    {"version https://git-lfs", "a pointer of Git LFS, not the file itself",
     "Fetch the file: git lfs pull"},
    {"<!DOCTYPE", "a web page", kFromWeb},
    {"<!doctype", "a web page", kFromWeb},
    {"<html", "a web page", kFromWeb},
    {"<HTML", "a web page", kFromWeb},
    {"@relation", "an ARFF file", kFromArff},
    {"@RELATION", "an ARFF file", kFromArff},
    {"INSERT INTO ", "a script of SQL", kFromSql},
    {"CREATE TABLE ", "a script of SQL", kFromSql},
    {"-- MySQL dump", "a script of SQL", kFromSql},
    {"-- MariaDB dump", "a script of SQL", kFromSql},
    {"--\n-- PostgreSQL database dump", "a script of SQL", kFromSql},
    {"{\\rtf", "a text of a word processor (RTF)", "Save it as CSV in UTF-8"},
    {"<?xml", "an XML document", "Convert it to CSV or JSON lines"},
}};

}  // namespace

void refuse_other_kinds(const FileView& view) {
  const auto bytes = view.bytes();
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const OtherKind& kind) {
    return bytes.starts_with(kind.magic);
  });
  if (found == kKinds.end()) return;
  throw InputError("{}: is {}, which is not read. {}.", view.label(), found->name, found->remedy);
}

void refuse_other_archives(const io::InputTree& tree) {
  const auto refuse = [&](const char* kind, const char* remedy) {
    throw InputError("{}: is {}, which is not read. {}.", tree.label(""), kind, remedy);
  };
  if (tree.has("[Content_Types].xml")) refuse("a spreadsheet (.xlsx)", kFromSheet);
  if (tree.has("mimetype") && tree.has("content.xml")) refuse("a spreadsheet (.ods)", kFromSheet);
  const auto& paths = tree.paths();
  const bool arrays = std::all_of(paths.begin(), paths.end(),
                                  [](const std::string& path) { return path.ends_with(".npy"); });
  if (!arrays || paths.empty()) return;
  // What SciPy's save_npz adds to a matrix of any form.
  if (tree.has("format.npy") && tree.has("shape.npy")) {
    refuse("a sparse matrix of SciPy (.npz)", kFromSparse);
  }
  refuse("an archive of NumPy arrays (.npz)", kFromColumns);
}

}  // namespace nnrec::importing
