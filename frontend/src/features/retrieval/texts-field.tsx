/** Several texts, one a box. */
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Textarea from "@cloudscape-design/components/textarea";

export const MOST_TEXTS = 32;

export function TextsField(props: {
  label: string;
  description: string;
  texts: readonly string[];
  onChange: (texts: string[]) => void;
}) {
  const { texts, onChange } = props;
  return (
    <FormField label={props.label} description={props.description} stretch>
      <div className="texts">
        {texts.map((text, index) => (
          <div key={index} className="text-row">
            <span className="text-number">{index + 1}</span>
            <Textarea
              rows={2}
              ariaLabel={`Text ${index + 1}`}
              value={text}
              onChange={({ detail }) => onChange(texts.map((one, place) => (place === index ? detail.value : one)))}
            />
            <Button
              formAction="none"
              variant="icon"
              iconName="close"
              ariaLabel={`Remove text ${index + 1}`}
              disabled={texts.length === 1}
              onClick={() => onChange(texts.filter((_, place) => place !== index))}
            />
          </div>
        ))}
        <Button
          formAction="none"
          iconName="add-plus"
          disabled={texts.length >= MOST_TEXTS}
          onClick={() => onChange([...texts, ""])}
        >
          Add a text
        </Button>
      </div>
    </FormField>
  );
}
