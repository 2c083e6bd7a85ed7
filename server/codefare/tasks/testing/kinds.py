"""Which nodes, calls and names mean what in a test file: tables, so that one reader serves all languages."""

from __future__ import annotations

import re
from enum import StrEnum

SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
IN_CLASSES = frozenset({"java", "csharp"})
"""Languages in which a case stands in a class, always."""

IMPORTS = frozenset(
    {
        *("import_statement", "import_from_statement", "future_import_statement"),
        *("import_declaration", "use_declaration", "using_directive", "namespace_use_declaration"),
    }
)
HEADS = frozenset(
    {
        *("package_clause", "package_declaration", "php_tag", "declare_statement"),
        *("file_scoped_namespace_declaration",),
    }
)
SPACES = frozenset({"namespace_declaration", "namespace_definition"})
CLASSES = frozenset(
    {
        *("class_definition", "class_declaration", "class", "mod_item", "record_declaration"),
        *("struct_declaration", "abstract_class_declaration"),
    }
)
BLOCKS = re.compile(r"(?:f|x)?(?:describe|context|suite|example_group|feature)\Z")
CASES = re.compile(r"(?:f|x)?(?:it|test|specify|scenario|example|should|bench)\Z")
HOOKS = re.compile(
    r"(?:before|after|around|setup|teardown|beforeEach|afterEach|beforeAll|afterAll|uses|include"
    r"|suiteSetup|suiteTeardown)\Z"
)
HOOK_NAMES = re.compile(
    r"(?:setUp|tearDown|set_up|tear_down|setup|teardown)(?:Class|Module|BeforeClass|AfterClass"
    r"|_class|_method|_module|_function)?\Z|pytestmark\Z|TestMain\Z|initialize\Z|__construct\Z|__init__\Z",
)
HOOK_MARKS = re.compile(
    r"autouse\s*=\s*True|@(?:Before|After)\w*|\[(?:OneTime)?(?:SetUp|TearDown)|\[Test(?:Initialize|Cleanup)"
    r"|#\[(?:Before|After)|@(?:before|after)\b"
)
CASE_MARKS = {
    "rust": re.compile(
        r"#\[(?:[\w:]*::)?(?:test|rstest|case|test_case|quickcheck|wasm_bindgen_test)\b"
    ),
    "java": re.compile(
        r"@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property)\b"
    ),
    "csharp": re.compile(
        r"\[(?:\w+\s*,\s*)*(?:Fact|Theory|Test|TestCase\w*|TestMethod|DataTestMethod)\b"
    ),
    "php": re.compile(r"#\[(?:Test|DataProvider|TestWith)\b|@test\b"),
}
CASE_NAMES = {
    "python": re.compile(r"test"),
    "go": re.compile(r"(?:Test|Benchmark|Fuzz|Example)"),
    "java": re.compile(r"test"),
    "ruby": re.compile(r"test_"),
    "php": re.compile(r"test"),
}
FUNCTIONS = frozenset(
    {
        *("function_definition", "function_declaration", "generator_function_declaration"),
        *("method_declaration", "method", "singleton_method", "function_item", "method_definition"),
        *("local_function_statement", "constructor_declaration"),
    }
)
NAMED = frozenset(
    {
        *("enum_declaration", "interface_declaration", "type_alias_declaration", "struct_item"),
        *("enum_item", "trait_item", "const_item", "static_item", "type_item", "trait_declaration"),
        *("property_declaration", "macro_definition", "delegate_declaration", "type_spec"),
        *("module", "impl_item"),
    }
)
VALUES = frozenset(
    {
        *("lexical_declaration", "variable_declaration", "field_declaration", "assignment"),
        *("const_declaration", "var_declaration", "type_declaration"),
        *("local_declaration_statement", "local_variable_declaration"),
    }
)
RUBY = frozenset({"class", "module", "do_block", "block"})
RUBY_BODIES = frozenset({"body_statement", "block_body"})
NAME_FIELDS = ("name", "left", "pattern", "type")


class Kind(StrEnum):
    """What an item is to a test file. A hook works on the cases around it; a wrapper holds cases."""

    HEAD = "head"
    IMPORT = "import"
    CASE = "case"
    HELPER = "helper"
    HOOK = "hook"
    WRAPPER = "wrapper"
    MAIN = "main"
    OTHER = "other"
