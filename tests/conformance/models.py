"""The demonstration model with a template that knows tools: for clients that call functions."""

from pathlib import Path

from appliance.base.resources import demo_model_file

TOOLS_MODEL = "demo-tools"
_BEGIN, _END = b"{%- for message in messages %}", b"{%- endif %}"
_TEMPLATE = (
    rb"{%if tools%}{{tools}}{%endif%}"
    rb"{%for m in messages%}{{'<|im_start|>'+m.role+'\n'+m.content+'<|im_end|>\n'}}{%endfor%}"
    rb"{%if add_generation_prompt%}{{'<|im_start|>assistant\n'}}{%endif%}"
)


def write_tools_model(models_folder: Path) -> None:
    """Put that model into a box's folder of models.

    The template is written over the model's own one in the file, which keeps its length.
    """
    demo = demo_model_file()
    assert demo is not None
    content = demo.read_bytes()
    begin = content.index(_BEGIN)
    end = content.index(_END, begin) + len(_END)
    padding = end - begin - len(_TEMPLATE) - len(b"{##}")
    template = _TEMPLATE + b"{#" + b" " * padding + b"#}"
    assert len(template) == end - begin
    models_folder.mkdir(parents=True, exist_ok=True)
    changed = content[:begin] + template + content[end:]
    (models_folder / f"{TOOLS_MODEL}.gguf").write_bytes(changed)
